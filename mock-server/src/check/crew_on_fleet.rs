//! A person who is not on the partner's fleet is 404, never 403 (P).

use super::established::{Authorized, CrewMember};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};

/// The check of the crew member in the path.
pub(super) struct CrewOnFleet;

impl Check<'_> for CrewOnFleet {
    type Input = Authorized;
    type Output = CrewMember;
    const CLAUSE: &'static Clause = clause::CREW_ON_FLEET;

    fn check(
        Request { state, context, .. }: &mut Request<'_, '_>,
        authorized: Authorized,
    ) -> Result<CrewMember, Refusal> {
        let position = context.crew.as_deref().and_then(|id| state.resolve_position(id, context.crew_lookup.as_ref()));
        CrewMember::on_fleet(state, authorized, position)
    }

    fn advice(situation: &Situation<'_>, authorized: Authorized, _: &Refusal) -> Advice {
        situation.fleet(authorized.caller)
    }
}
