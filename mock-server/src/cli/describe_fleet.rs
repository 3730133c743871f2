//! What a world promises about its partner, vessels and fleet.

use serde::Serialize;

use crate::scope::Scope;
use crate::world::{BackgroundCheck, Mode, PartnerKind, Text, World};

use super::describe::{Known, Named, Tester};

#[derive(Serialize)]
pub(super) struct ExpectedMe {
    partner_id: String,
    partner_type: PartnerKind,
    mode: Mode,
    display_name: Option<String>,
    subscription_plan: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ExpectedVessel {
    name: String,
    #[serde(skip_serializing_if = "is_true")]
    fleet: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fleet_of: Option<&'static str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_true(value: &bool) -> bool {
    *value
}

#[derive(Serialize)]
pub(super) struct ExpectedRow {
    crew_unique_id: String,
    name: Option<String>,
    vessel_id: String,
    vessel_name: String,
    role: Option<String>,
    /// A status that is withheld is not described: it is null or absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background_check_status: Known<&'static str>,
}

/// Returns what `partners/me` shows of the tester's partner.
pub(super) fn described_me(world: &World, tester: &Tester<'_>) -> ExpectedMe {
    let partner = tester.partner;
    ExpectedMe {
        partner_id: partner.id.to_string(),
        partner_type: partner.kind,
        mode: world.mode,
        display_name: partner.display_name.as_ref().map(ToString::to_string),
        subscription_plan: partner.plan.as_ref().map(ToString::to_string),
    }
}

/// Returns every vessel, and on whose fleet it is.
pub(super) fn described_vessels(world: &World, tester: &Tester<'_>) -> Named<ExpectedVessel> {
    let is_mine = |id: &Text| id.as_str() == &*tester.partner.id;
    let described = world.vessels.iter().map(|vessel| {
        let of_another = vessel.partners.iter().any(|id| !is_mine(id));
        let expected = ExpectedVessel {
            name: vessel.name.to_string(),
            fleet: vessel.partners.iter().any(is_mine),
            fleet_of: of_another.then_some("another"),
        };
        (vessel.id.to_string(), expected)
    });
    Named(described.collect())
}

/// Returns the rows of the tester's fleet.
pub(super) fn described_rows(world: &World, tester: &Tester<'_>) -> Vec<ExpectedRow> {
    let position = world.partners.iter().position(|partner| partner.id == tester.partner.id);
    let rows = position.map_or(&[][..], |position| world.fleet(position));
    let described = rows.iter().map(|row| {
        let (person, vessel) = (&world.crew[row.crew as usize], &world.vessels[row.vessel as usize]);
        let is_shown = tester.may_see(person, Scope::StatusRead);
        let details = person.details.as_deref();
        let verification = details.map(|details| details.verification).unwrap_or_default().name();
        let background_check = details.and_then(|details| details.background_check).map(BackgroundCheck::name);
        ExpectedRow {
            crew_unique_id: person.id.to_string(),
            name: person.name.as_ref().map(ToString::to_string),
            vessel_id: vessel.id.to_string(),
            vessel_name: vessel.name.to_string(),
            role: person.role_on(&vessel.id).map(ToString::to_string),
            verification_status: is_shown.then_some(verification),
            background_check_status: is_shown.then_some(background_check),
        }
    });
    described.collect()
}
