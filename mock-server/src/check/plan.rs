//! A partner whose plan has no API access is 403 `api_not_enabled` (P). Policy `me_without_plan` may let such a partner
//! see itself (D).

use super::established::Caller;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};
use crate::policy::MeWithoutPlan;

/// The check of the partner's plan.
pub(super) struct PlanHasApi;

impl Check<'_> for PlanHasApi {
    type Input = Caller;
    type Output = Caller;
    const CLAUSE: &'static Clause = clause::PLAN;

    fn check(request: &mut Request<'_, '_>, caller: Caller) -> Result<Caller, Refusal> {
        // The endpoint that needs no scope is the one that shows the partner itself.
        let shows_partner = request.context.endpoint.scope().is_none();
        let is_served = shows_partner && request.state.policies.me_without_plan == MeWithoutPlan::Served;
        if is_served || request.state.partners[caller.partner].api_enabled {
            return Ok(caller);
        }
        Err(Refusal::new(clause::PLAN, error::API_NOT_ENABLED))
    }

    fn advice(situation: &Situation<'_>, caller: Caller, _: &Refusal) -> Advice {
        situation.plan(caller)
    }
}
