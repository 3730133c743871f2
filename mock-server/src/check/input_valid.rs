//! A query or a body with a mistake is 422, with all mistakes in one answer (P for bodies, else D). Policy
//! `validation_position` chooses one of two places (D).

use super::established::{Authorized, Caller};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::policy::ValidationPosition;

/// The validation behind the key.
pub(super) struct InputAfterKey;

impl Check<'_> for InputAfterKey {
    type Input = Caller;
    type Output = Caller;
    const CLAUSE: &'static Clause = clause::INPUT_VALID;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        is_here(request, ValidationPosition::AfterKey)
    }

    fn check(request: &mut Request<'_, '_>, caller: Caller) -> Result<Caller, Refusal> {
        validate(request, ValidationPosition::AfterKey)?;
        Ok(caller)
    }

    fn advice(_: &Situation<'_>, _: Caller, refusal: &Refusal) -> Advice {
        Situation::invalid_input(refusal)
    }
}

/// The validation behind the scope.
pub(super) struct InputAfterScope;

impl Check<'_> for InputAfterScope {
    type Input = Authorized;
    type Output = Authorized;
    const CLAUSE: &'static Clause = clause::INPUT_VALID;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        is_here(request, ValidationPosition::AfterScope)
    }

    fn check(request: &mut Request<'_, '_>, authorized: Authorized) -> Result<Authorized, Refusal> {
        validate(request, ValidationPosition::AfterScope)?;
        Ok(authorized)
    }

    fn advice(_: &Situation<'_>, _: Authorized, refusal: &Refusal) -> Advice {
        Situation::invalid_input(refusal)
    }
}

fn is_here(request: &Request<'_, '_>, position: ValidationPosition) -> bool {
    request.context.endpoint.input().is_some() && request.state.policies.validation_position == position
}

/// Refuses a request with mistakes, if this is the place for it. What passed behind the key passes behind the scope too,
/// but for a body that is not JSON.
fn validate(Request { state, context, .. }: &mut Request<'_, '_>, here: ValidationPosition) -> Result<(), Refusal> {
    let Some(find_mistakes) = context.endpoint.input() else { return Ok(()) };
    let place = state.policies.validation_position;
    if here == ValidationPosition::AfterKey && place != here {
        return Ok(());
    }
    let mut mistakes = find_mistakes(context, &state.policies);
    if here == ValidationPosition::AfterKey {
        // A body that is not JSON has its own place.
        mistakes.retain(|mistake| !mistake.is_not_json());
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Refusal::invalid(mistakes)) }
}
