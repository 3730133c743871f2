//! The checks of the contract's section 2, in their one order. The first that fails decides.
//!
//! Route and method stand before them, in the router. What may count or move something (the limiter, the store) does
//! so here too, under the session's lock, so that concurrent requests never share a turn.

use http::header::HeaderValue;
use jiff::Timestamp;

use crate::clause;
use crate::error::{self, Extra, Refusal};
use crate::policy::{LimiterPosition, RateLimits, RetryAfter, StoreDownAt, SupersededDocument};
use crate::request::{RequestContext, Step};
use crate::scope::Scope;
use crate::session::{SessionState, StoreStep};
use crate::world::Mode;

/// What the checks found, filled as they pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The place of the partner in the session's list.
    pub partner: usize,
    /// The scopes of the key, as far as it narrows its partner's.
    pub granted: crate::scope::ScopeSet,
    /// The mode of the key.
    pub mode: Mode,
    /// The crew member's position.
    pub crew: u32,
    /// The place of the document among the person's.
    pub document: usize,
}

/// One check.
pub(crate) type Check = fn(&mut SessionState, &RequestContext<'_>, &mut Found, Timestamp) -> Result<(), Refusal>;

/// The ordered list; one line a check. The limiter stands at two places, of which the policy chooses one.
pub(crate) const ORDER: &[(&clause::Clause, Check)] = &[
    (clause::RATE_LIMIT, limited_before_key),
    (clause::KEY, key_is_known),
    (clause::MODE, mode_fits),
    (clause::PLAN, plan_has_api),
    (clause::SCOPE_GRANTED, scope_is_granted),
    (clause::RATE_LIMIT, limited_after_scope),
    (clause::CREW_ON_FLEET, crew_is_on_fleet),
    (clause::SCOPE_CONSENTED, scope_is_consented),
    (clause::DOCUMENT_CURRENT, document_is_current),
    (clause::STORE_REACHABLE, store_is_reachable),
];

/// Walks the checks for a request with a key.
///
/// # Errors
/// The refusal of the first check that fails.
pub fn admit(state: &mut SessionState, context: &RequestContext<'_>, now: Timestamp) -> Result<Found, Refusal> {
    let mut found = Found::default();
    ORDER.iter().try_for_each(|(_, check)| check(state, context, &mut found, now))?;
    Ok(found)
}

/// The scope that a step needs (G); `partners/me` needs none (P).
pub const fn scope_of(step: Step) -> Option<Scope> {
    match step {
        Step::List => Some(Scope::DocumentsRead),
        Step::Link => Some(Scope::DocumentsDownload),
        Step::Me | Step::File | Step::None => None,
    }
}

fn limited_before_key(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    _: &mut Found,
    now: Timestamp,
) -> Result<(), Refusal> {
    limited(state, context, LimiterPosition::BeforeKey, now)
}

fn limited_after_scope(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    _: &mut Found,
    now: Timestamp,
) -> Result<(), Refusal> {
    limited(state, context, LimiterPosition::AfterScope, now)
}

fn limited(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    here: LimiterPosition,
    now: Timestamp,
) -> Result<(), Refusal> {
    if state.policies.rate_limits == RateLimits::Off || state.policies.limiter_position != here {
        return Ok(());
    }
    let scope = scope_of(context.step).map_or("none", Scope::name);
    let known = context.credential().judged(state.policies.both_keys).and_then(|key| state.key(key));
    let caller = match known.filter(|(_, key)| !key.revoked) {
        Some((partner, _)) => format!("{} {scope}", partner.id),
        None => context.address.to_string(),
    };
    state.take_rate_token(&caller, now).map_err(|wait| {
        let refusal = Refusal::with(clause::RATE_LIMIT, error::PARTNER_RATE_LIMITED, Extra::RetryAfter(wait));
        Refusal { retry_after: retry_after(state.policies.retry_after, wait, now), ..refusal }
    })
}

fn key_is_known(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    found: &mut Found,
    _: Timestamp,
) -> Result<(), Refusal> {
    let unknown = || Refusal::new(clause::KEY, error::INVALID_API_KEY);
    let text = context.credential().judged(state.policies.both_keys).ok_or_else(unknown)?;
    let mode = crate::secret::mode_of(text).ok_or_else(unknown)?;
    let (partner, key) = state.key(text).filter(|(_, key)| !key.revoked).ok_or_else(unknown)?;
    let granted = key.granted_scopes.map_or(partner.granted_scopes, |narrow| narrow.both(partner.granted_scopes));
    let place = state.partners.iter().position(|known| known.id == partner.id).unwrap_or_default();
    *found = Found { partner: place, granted, mode, ..Found::default() };
    Ok(())
}

fn mode_fits(state: &mut SessionState, _: &RequestContext<'_>, found: &mut Found, _: Timestamp) -> Result<(), Refusal> {
    let fits = found.mode == state.world().mode;
    fits.then_some(()).ok_or_else(|| Refusal::new(clause::MODE, error::PARTNER_MODE_MISMATCH))
}

fn plan_has_api(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    found: &mut Found,
    _: Timestamp,
) -> Result<(), Refusal> {
    let enabled = state.partners[found.partner].api_enabled;
    enabled.then_some(()).ok_or_else(|| Refusal::new(clause::PLAN, error::API_NOT_ENABLED))
}

fn scope_is_granted(
    _: &mut SessionState,
    context: &RequestContext<'_>,
    found: &mut Found,
    _: Timestamp,
) -> Result<(), Refusal> {
    match scope_of(context.step) {
        Some(scope) if !found.granted.contains(scope) => {
            Err(Refusal::with(clause::SCOPE_GRANTED, error::SCOPE_NOT_GRANTED, Extra::Scope(scope)))
        }
        _ => Ok(()),
    }
}

fn crew_is_on_fleet(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    found: &mut Found,
    _: Timestamp,
) -> Result<(), Refusal> {
    if scope_of(context.step).is_none() {
        return Ok(());
    }
    let position = context.crew.as_deref().and_then(|id| state.resolve_position(id, context.crew_lookup.as_ref()));
    let partner = &state.partners[found.partner].id;
    let on_fleet = position.filter(|at| state.crew(*at).on_fleet_of(state.world(), partner));
    found.crew = on_fleet.ok_or_else(|| Refusal::new(clause::CREW_ON_FLEET, error::NOT_FOUND))?;
    Ok(())
}

fn scope_is_consented(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    found: &mut Found,
    _: Timestamp,
) -> Result<(), Refusal> {
    let Some(scope) = scope_of(context.step) else { return Ok(()) };
    let partner = &*state.partners[found.partner].id;
    if state.crew(found.crew).consents(partner, scope) {
        return Ok(());
    }
    Err(Refusal::with(clause::SCOPE_CONSENTED, error::SCOPE_NOT_CONSENTED, Extra::Scope(scope)))
}

fn document_is_current(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    found: &mut Found,
    _: Timestamp,
) -> Result<(), Refusal> {
    if context.step != Step::Link {
        return Ok(());
    }
    let unknown = || Refusal::new(clause::DOCUMENT_CURRENT, error::NOT_FOUND);
    let documents = &state.crew(found.crew).documents;
    let mut id = context.document.as_deref().ok_or_else(unknown)?;
    let mut at = documents.iter().position(|document| *document.id == *id).ok_or_else(unknown)?;
    while !documents[at].current {
        if state.policies.superseded_document == SupersededDocument::NotFound {
            return Err(unknown());
        }
        let newer = documents.iter().position(|newer| newer.supersedes.as_deref() == Some(id));
        at = newer.ok_or_else(unknown)?;
        id = &documents[at].id;
    }
    found.document = at;
    Ok(())
}

fn store_is_reachable(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    _: &mut Found,
    now: Timestamp,
) -> Result<(), Refusal> {
    if context.step == Step::Link { store_answers(state, StoreStep::Link, now) } else { Ok(()) }
}

/// Whether the store can be reached at a step; the file step asks the same when a link is followed.
///
/// # Errors
/// The 503 of the guide, in the form that the policies give it.
pub fn store_answers(state: &mut SessionState, step: StoreStep, now: Timestamp) -> Result<(), Refusal> {
    let shows = match state.policies.store_down_at {
        StoreDownAt::Both => true,
        StoreDownAt::Link => step == StoreStep::Link,
        StoreDownAt::File => step == StoreStep::File,
    };
    if !shows || !state.store.refuses(step) {
        return Ok(());
    }
    let refusal = Refusal::new(clause::STORE_REACHABLE, error::FILE_STORE_UNAVAILABLE);
    let retry_after = retry_after(state.policies.retry_after, STORE_RETRY_AFTER, now);
    Err(Refusal { retry_after, body: state.policies.store_down_body, ..refusal })
}

/// `Retry-After` of the 503, in seconds (D).
const STORE_RETRY_AFTER: f64 = 2.0;

/// `Retry-After` as the policy has it: the wait rounded up to whole seconds (D), or the first whole second at which the
/// wait is over.
pub(crate) fn retry_after(policy: RetryAfter, wait: f64, now: Timestamp) -> Option<HeaderValue> {
    #[expect(clippy::cast_possible_truncation, reason = "a wait of a minute at most")]
    let milliseconds = (wait * 1_000.0).ceil() as i64;
    let rounded_up =
        |milliseconds: i64| milliseconds.div_euclid(1_000) + i64::from(milliseconds.rem_euclid(1_000) != 0);
    match policy {
        RetryAfter::Absent => None,
        RetryAfter::Seconds => Some(HeaderValue::from(rounded_up(milliseconds))),
        RetryAfter::HttpDate => {
            let over = rounded_up(now.as_millisecond().saturating_add(milliseconds));
            HeaderValue::from_str(&crate::time_format::http_date(over)).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_too_short() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let told =
            |policy, wait, now| retry_after(policy, wait, at(now)).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(told(RetryAfter::Absent, 2.0, "2026-06-08T10:00:00Z"), None);
        assert_eq!(told(RetryAfter::Seconds, 0.017, "2026-06-08T10:00:00Z").as_deref(), Some("1"));
        let date = |wait, now| told(RetryAfter::HttpDate, wait, now).unwrap();
        assert_eq!(date(2.0, "2026-06-08T10:00:00Z"), "Mon, 08 Jun 2026 10:00:02 GMT");
        assert_eq!(date(0.017, "2026-06-08T10:00:00.999Z"), "Mon, 08 Jun 2026 10:00:02 GMT");
    }
}
