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
use crate::ask::Ask;
use crate::body::{Body, Response};
use crate::error::Refusal;
use crate::fault::{FrontPlan, Plan, Subject};
use crate::session::Live;

/// What a request with rules in its way comes to.
pub(crate) struct Decided {
    /// What the rules decided.
    pub(crate) plan: Plan,
    /// How the request is answered.
    pub(crate) way: Way,
}

/// How a request is answered.
pub(crate) enum Way {
    /// By a rule in front of the checks.
    Front(FrontPlan),
    /// As checks and endpoint decided.
    Through(Result<Reply, Refusal>),
}

/// Asks the rules, the checks and the endpoint, in one step under the session's lock.
///
/// What changes an answer counts only where there is one: a refusal stays as the contract has it.
pub(crate) fn decide(
    live: &mut Live,
    parts: &Parts,
    ask: &Ask<'_>,
    now: Timestamp,
    work: impl FnOnce(&mut Live, Timestamp) -> Result<Reply, Refusal>,
) -> Decided {
    let subject = Subject {
        step: ask.step,
        method: &parts.method,
        crew: ask.crew.as_deref(),
        document: ask.document.as_deref(),
        query: parts.uri.query(),
        takes_gzip: takes_gzip(parts),
    };
    let (mut plan, seed) = (Plan::default(), live.seed);
    if let Some(front) = live.faults.front(&subject, seed, now, &mut plan) {
        return Decided { plan, way: Way::Front(front) };
    }
    let outcome = work(live, now);
    if let Ok(reply) = &outcome {
        live.faults.answer(&subject, reply.shape(ask.head), seed, now, &mut plan);
    }
    Decided { plan, way: Way::Through(outcome) }
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
