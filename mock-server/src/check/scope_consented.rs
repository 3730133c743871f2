//! A scope that the crew member did not consent to is 403 `scope_not_consented` (P).

use super::established::CrewMember;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Extra, Refusal};
use crate::explain::{Advice, Situation};

/// The check of the crew member's consent.
pub(super) struct ScopeConsented;

impl Check<'_> for ScopeConsented {
    type Input = CrewMember;
    type Output = CrewMember;
    const CLAUSE: &'static Clause = clause::SCOPE_CONSENTED;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.context.endpoint.scope().is_some()
    }

    fn check(Request { state, .. }: &mut Request<'_, '_>, crew: CrewMember) -> Result<CrewMember, Refusal> {
        match crew.withheld_scope(state) {
            Some(scope) => Err(Refusal::with(clause::SCOPE_CONSENTED, error::SCOPE_NOT_CONSENTED, Extra::Scope(scope))),
            None => Ok(crew),
        }
    }

    fn advice(situation: &Situation<'_>, crew: CrewMember, _: &Refusal) -> Advice {
        situation.consent(crew)
    }
}
