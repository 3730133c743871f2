//! What a world promises about a person beside the documents: address, profile, photo and compliance.

use serde::Serialize;
use serde_json::Value;

use crate::endpoint::{described_compliance, described_profile};
use crate::scope::Scope;
use crate::world::{CrewMember, World};

use super::describe::{Known, Named, Tester, digest};
use super::error::CliError;

/// The parts that a tester knows; what nobody may see is left out.
#[derive(Default, Serialize)]
pub(super) struct ExpectedDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Known<ExpectedPhoto>,
    #[serde(skip_serializing_if = "Named::is_empty")]
    compliance: Named<Value>,
}

#[derive(Serialize)]
struct ExpectedPhoto {
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
}

impl ExpectedDetails {
    /// Returns what is known of a person.
    pub(super) fn of(world: &World, tester: &Tester<'_>, person: &CrewMember, start: i32) -> Result<Self, CliError> {
        let partner = &*tester.partner.id;
        let email = person.details.as_ref().and_then(|details| details.email.as_ref()).map(ToString::to_string);
        let is_on_fleet = person.on_fleet_of(world, partner);
        let may = |scope| is_on_fleet && tester.may_see(person, scope);
        let mut details = Self { email, ..Self::default() };
        if may(Scope::ProfileRead) {
            details.profile = Some(described_profile(person, may(Scope::ProfileFullRead), start));
            details.photo = Some(photo(world, person)?);
        }
        if may(Scope::ComplianceRead) {
            let vessels =
                world.vessels.iter().filter(|vessel| person.vessels.iter().any(|id| *id.as_str() == *vessel.id));
            let mine = vessels.filter(|vessel| vessel.partners.iter().any(|id| id.as_str() == partner));
            let checks =
                mine.map(|vessel| (vessel.id.to_string(), described_compliance(world, person, &vessel.id, start)));
            details.compliance = Named(checks.collect());
        }
        Ok(details)
    }
}

fn photo(world: &World, person: &CrewMember) -> Result<Option<ExpectedPhoto>, CliError> {
    let Some(content) = world.photo(person) else { return Ok(None) };
    let spec = person.details.as_ref().and_then(|details| details.photo.as_ref());
    let content_type = spec.and_then(|spec| spec.picture_type()).map(|kind| kind.to_string());
    Ok(Some(ExpectedPhoto { sha256: digest(&content)?, content_type }))
}
