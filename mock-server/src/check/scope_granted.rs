//! A scope that the partner was not granted is 403 `scope_not_granted` (P). An endpoint without a scope needs none.
//! Policy `fleet_without_status` asks for the scope of the status fields too (D).

use super::established::{Authorized, Caller};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Extra, Refusal};
use crate::explain::{Advice, Situation};
use crate::policy::FleetWithoutStatus;
use crate::scope::Scope;

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
        let needed = [scope, scope_of_status(request)];
        match needed.into_iter().flatten().find(|scope| !caller.granted.contains(*scope)) {
            Some(scope) => Err(Refusal::with(clause::SCOPE_GRANTED, error::SCOPE_NOT_GRANTED, Extra::Scope(scope))),
            None => Ok(Authorized { caller, scope }),
        }
    }

    fn advice(situation: &Situation<'_>, caller: Caller, refusal: &Refusal) -> Advice {
        situation.scope_granted(caller, refusal)
    }
}

/// Returns the scope of the status fields, where the policy refuses an answer without them.
fn scope_of_status(request: &Request<'_, '_>) -> Option<Scope> {
    let is_refused = request.state.policies.fleet_without_status == FleetWithoutStatus::Forbidden;
    request.context.endpoint.scope_of_fields().filter(|scope| is_refused && *scope == Scope::StatusRead)
}
