//! Advice for the checks of what a request says in its query or body.

use super::advice::{Advice, NAMES_AT_MOST, Remedy, Situation};
use super::words::{list, shown};
use crate::check::{Caller, CrewMember, CursorFault, cursor_faults};
use crate::error::{Extra, Refusal};
use crate::input::FleetQuery;

impl Situation<'_> {
    /// Advises on mistakes in a query or body.
    pub(crate) fn invalid_input(refusal: &Refusal) -> Advice {
        let Extra::Mistakes(mistakes) = &refusal.extra else {
            return Advice::new("The request has a mistake.", None::<Remedy>);
        };
        let named = mistakes.iter().take(NAMES_AT_MOST).map(|mistake| shown(&mistake.describe()));
        let more = if mistakes.len() > NAMES_AT_MOST { " Among other mistakes:" } else { "" };
        let why =
            format!("The request has {} mistakes.{more}", mistakes.len()).replace("has 1 mistakes", "has a mistake");
        Advice::new(why, named)
    }

    /// Advises on a body over the limit.
    pub(crate) fn large_body() -> Advice {
        Advice::new("The body has more than 64 KiB.", ["send a smaller one".to_owned()])
    }

    /// Advises on an address of nobody on the fleet.
    pub(crate) fn address(&self, caller: Caller) -> Advice {
        let partner = &*self.partner(caller).id;
        let with_address = self.everybody().filter(|person| {
            let has_address = person.details.as_ref().is_some_and(|details| details.email.is_some());
            has_address && person.on_fleet_of(self.state.world(), partner)
        });
        let names: Vec<&str> = with_address.take(NAMES_AT_MOST).map(|person| &*person.id).collect();
        let known = list(names.iter().copied(), "nobody");
        let why = format!("Nobody on the fleet of {partner} has that e-mail address.");
        Advice::new(why, [format!("with an address and on the fleet of {partner}: {known}")])
    }

    /// Advises on a vessel of a compliance check.
    pub(crate) fn vessel(&self, crew: CrewMember) -> Advice {
        let partner = &*self.partner(crew.authorized.caller).id;
        let (world, person) = (self.state.world(), self.state.crew(crew.position));
        let own = person.vessels.iter().filter_map(|id| world.vessel(id));
        let own = own.filter(|vessel| vessel.partners.iter().any(|id| id.as_str() == partner));
        let names: Vec<&str> = own.map(|vessel| &*vessel.id).collect();
        let why = "The vessel is not the partner's, or the person does not serve on it; or none of several is named.";
        let known = list(names.iter().copied(), "none");
        Advice::new(why, [format!("vessel_id of {} with {partner}: {known}", person.id)])
    }

    /// Advises on a person without a photo.
    pub(crate) fn photo(&self, crew: CrewMember) -> Advice {
        let person = self.state.crew(crew.position);
        let with_photo =
            |other: &&crate::world::CrewMember| other.details.as_ref().is_some_and(|details| details.photo.is_some());
        let names: Vec<&str> =
            self.everybody().filter(with_photo).take(NAMES_AT_MOST).map(|other| &*other.id).collect();
        let known = list(names.iter().copied(), "nobody");
        Advice::new(format!("{} has no photo, or its file is gone.", person.id), [format!("with a photo: {known}")])
    }

    /// Advises on a cursor that is refused. A policy is offered only if it lets the cursor pass.
    pub(crate) fn cursor(&self, caller: Caller) -> Advice {
        let begin = Remedy::Words("begin with the first page, without a cursor".to_owned());
        let query = FleetQuery::read(&self.question.context, &self.state.policies).unwrap_or_default();
        let text = query.cursor.as_deref().unwrap_or_default();
        let Some(cursor) = self.state.cursors.open(&self.partner(caller).id, text) else {
            return Advice::new("The cursor was changed, or is of another partner or session.", [begin]);
        };
        let faults = cursor_faults(self.state, self.now, caller.partner, &cursor, query.window);
        let why: Vec<&str> = faults.iter().copied().map(cause).collect();
        let cures: Option<Vec<&str>> = faults.iter().copied().map(cure).collect();
        let cure = cures.map(|cures| self.ctl(&format!("policies set {}", cures.join(" "))));
        Advice::new(why.join(" "), std::iter::once(begin).chain(cure))
    }
}

/// Returns why a cursor is refused.
const fn cause(fault: CursorFault) -> &'static str {
    match fault {
        CursorFault::BeforeReset => "The cursor is of before a reset.",
        CursorFault::OtherWorld => "The cursor is of another world.",
        CursorFault::Expired => "The cursor is older than the policy cursor_ttl allows.",
        CursorFault::SnapshotGone => "The fleet has changed too often since: the moment of the cursor is not kept.",
        CursorFault::OtherWindow => {
            "The window is not that of the cursor, and the policy cursor_query wants it again (30 days if left out)."
        }
    }
}

/// Returns the policy under which a cursor with that fault is accepted, if there is one.
const fn cure(fault: CursorFault) -> Option<&'static str> {
    match fault {
        CursorFault::BeforeReset | CursorFault::OtherWorld => None,
        CursorFault::Expired => Some("cursor_ttl=never"),
        CursorFault::SnapshotGone => Some("page_drift=live"),
        CursorFault::OtherWindow => Some("cursor_query=carried"),
    }
}
