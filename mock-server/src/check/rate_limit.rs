//! Reads are limited to 60 a second and 1,000 a minute, per partner and scope (P). Policy `limiter_position`
//! chooses one of two places (D).

use super::established::Authorized;
use super::refusal::retry_after;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Extra, Refusal};
use crate::explain::{Advice, Situation};
use crate::policy::{LimiterPosition, RateLimits};
use crate::scope::Scope;

/// The limiter in front of the key.
pub(super) struct LimitBeforeKey;

impl Check<'_> for LimitBeforeKey {
    type Input = ();
    type Output = ();
    const CLAUSE: &'static Clause = clause::RATE_LIMIT;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        is_here(request, LimiterPosition::BeforeKey)
    }

    fn check(request: &mut Request<'_, '_>, (): ()) -> Result<(), Refusal> {
        if Self::is_asked(request) { take(request) } else { Ok(()) }
    }

    fn advice(situation: &Situation<'_>, (): (), refusal: &Refusal) -> Advice {
        situation.rate_limit(refusal)
    }
}

/// The limiter behind the scope.
pub(super) struct LimitAfterScope;

impl Check<'_> for LimitAfterScope {
    type Input = Authorized;
    type Output = Authorized;
    const CLAUSE: &'static Clause = clause::RATE_LIMIT;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        is_here(request, LimiterPosition::AfterScope)
    }

    fn check(request: &mut Request<'_, '_>, authorized: Authorized) -> Result<Authorized, Refusal> {
        if Self::is_asked(request) {
            take(request)?;
        }
        Ok(authorized)
    }

    fn advice(situation: &Situation<'_>, _: Authorized, refusal: &Refusal) -> Advice {
        situation.rate_limit(refusal)
    }
}

fn is_here(request: &Request<'_, '_>, position: LimiterPosition) -> bool {
    let policies = &request.state.policies;
    policies.rate_limits == RateLimits::On && policies.limiter_position == position
}

/// Takes a token for the caller. One without an active key is counted by address (D).
fn take(Request { state, context, now }: &mut Request<'_, '_>) -> Result<(), Refusal> {
    let scope = context.endpoint.scope().map_or("none", Scope::name);
    let known = context.credential().judged(state.policies.both_keys).and_then(|key| state.key(key));
    let caller = match known.filter(|(_, key)| !key.revoked) {
        Some((partner, _)) => format!("{} {scope}", partner.id),
        None => context.address.to_string(),
    };
    state.take_rate_token(&caller, *now).map_err(|wait| {
        let refusal = Refusal::with(clause::RATE_LIMIT, error::PARTNER_RATE_LIMITED, Extra::RetryAfter(wait));
        Refusal { retry_after: retry_after(state.policies.retry_after, wait, *now), ..refusal }
    })
}
