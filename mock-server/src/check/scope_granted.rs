//! A scope that the partner was not granted is 403 `scope_not_granted` (P). An endpoint without a scope needs none.

use super::established::{Authorized, Caller};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Extra, Refusal};
use crate::explain::{Advice, Situation};

/// The check of the granted scope.
pub(super) struct ScopeGranted;

impl Check<'_> for ScopeGranted {
    type Input = Caller;
    type Output = Authorized;
    const CLAUSE: &'static Clause = clause::SCOPE_GRANTED;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.context.endpoint.scope().is_some()
    }

    fn check(request: &mut Request<'_, '_>, caller: Caller) -> Result<Authorized, Refusal> {
        let scope = request.context.endpoint.scope();
        match scope.filter(|scope| !caller.granted.contains(*scope)) {
            Some(scope) => Err(Refusal::with(clause::SCOPE_GRANTED, error::SCOPE_NOT_GRANTED, Extra::Scope(scope))),
            None => Ok(Authorized { caller, scope }),
        }
    }

    fn advice(situation: &Situation<'_>, caller: Caller, _: &Refusal) -> Advice {
        situation.scope_granted(caller)
    }
}
