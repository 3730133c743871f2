//! Faults on the wire: what the rules decided under the session's lock is carried out here, outside of it.

mod body;
mod change;
mod front;

use http::header::ACCEPT_ENCODING;
use http::request::Parts;
use jiff::Timestamp;

pub(crate) use change::changed;
pub(crate) use front::front;

use super::Reply;
use crate::body::{Body, Response};
use crate::error::Refusal;
use crate::fault::{Plan, PreCheckPlan, RequestFacts};
use crate::request::RequestContext;
use crate::session::SessionState;

/// What a request with rules in its way comes to.
pub(crate) struct Decision {
    /// What the rules decided.
    pub(crate) plan: Plan,
    /// How the request is answered.
    pub(crate) way: Disposition,
}

/// How a request is answered.
pub(crate) enum Disposition {
    /// By a rule in front of the checks.
    PreCheckEffect(PreCheckPlan),
    /// As checks and endpoint decided.
    Through(Result<Reply, Refusal>),
}

/// Asks the rules, the checks and the endpoint, in one step under the session's lock.
///
/// What changes an answer counts only where there is one: a refusal stays as the contract has it.
pub(crate) fn decide(
    state: &mut SessionState,
    parts: &Parts,
    context: &RequestContext<'_>,
    now: Timestamp,
    work: impl FnOnce(&mut SessionState, Timestamp) -> Result<Reply, Refusal>,
) -> Decision {
    let subject = RequestFacts {
        step: context.step,
        method: &parts.method,
        crew: context.crew.as_deref(),
        document: context.document.as_deref(),
        query: parts.uri.query(),
        takes_gzip: takes_gzip(parts),
    };
    let (mut plan, seed) = (Plan::default(), state.seed);
    if let Some(front) = state.faults.front(&subject, seed, now, &mut plan) {
        return Decision { plan, way: Disposition::PreCheckEffect(front) };
    }
    let outcome = work(state, now);
    if let Ok(reply) = &outcome {
        state.faults.answer(&subject, reply.shape(context.head), seed, now, &mut plan);
    }
    Decision { plan, way: Disposition::Through(outcome) }
}

/// Whether gzip is among what the client takes (RFC 9110 section 12.5.3).
fn takes_gzip(parts: &Parts) -> bool {
    let values = parts.headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// An answer whose connection is gone, or as good as gone: nobody reads it.
fn unread() -> Response {
    Response::new(Body::empty())
}
