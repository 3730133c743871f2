//! An address of nobody on the partner's fleet is the 404 of anybody who is not on it (P). Policy
//! `lookup_without_consent` says what a person without consent is (D).

use super::established::{Authorized, CrewMember};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Extra, Refusal};
use crate::explain::{Advice, Situation};
use crate::input::LookupBody;
use crate::policy::LookupWithoutConsent;

/// The check of the address.
pub(super) struct LookupFound;

impl Check<'_> for LookupFound {
    type Input = Authorized;
    type Output = CrewMember;
    const CLAUSE: &'static Clause = clause::CREW_ON_FLEET;

    fn check(
        Request { state, context, .. }: &mut Request<'_, '_>,
        authorized: Authorized,
    ) -> Result<CrewMember, Refusal> {
        let body = LookupBody::read(context, &state.policies).map_err(Refusal::invalid)?;
        CrewMember::on_fleet(state, authorized, state.position_of_email(&body.email))
    }

    fn advice(situation: &Situation<'_>, authorized: Authorized, _: &Refusal) -> Advice {
        situation.address(authorized.caller)
    }
}

/// The check of the consent of a person who was looked up.
pub(super) struct LookupConsented;

impl Check<'_> for LookupConsented {
    type Input = CrewMember;
    type Output = CrewMember;
    const CLAUSE: &'static Clause = clause::SCOPE_CONSENTED;

    fn check(Request { state, .. }: &mut Request<'_, '_>, crew: CrewMember) -> Result<CrewMember, Refusal> {
        match (crew.withheld_scope(state), state.policies.lookup_without_consent) {
            (None, _) => Ok(crew),
            (Some(_), LookupWithoutConsent::NotFound) => Err(Refusal::new(clause::SCOPE_CONSENTED, error::NOT_FOUND)),
            (Some(scope), LookupWithoutConsent::Forbidden) => {
                Err(Refusal::with(clause::SCOPE_CONSENTED, error::SCOPE_NOT_CONSENTED, Extra::Scope(scope)))
            }
        }
    }

    fn advice(situation: &Situation<'_>, crew: CrewMember, _: &Refusal) -> Advice {
        situation.consent(crew)
    }
}
