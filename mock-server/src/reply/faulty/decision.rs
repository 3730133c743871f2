//! The decision on a request: rules, checks and endpoint in one step.

use http::header::ACCEPT_ENCODING;
use http::request::Parts;
use jiff::Timestamp;

use super::super::Reply;
use super::response_effect::{ends_link, moved_range};
use crate::error::Refusal;
use crate::fault::{Plan, PreCheckPlan, RequestFacts};
use crate::negotiation::accepts;
use crate::request::RequestContext;
use crate::session::SessionState;

/// The decision of rules, checks and endpoint on a request.
pub(crate) struct Decision {
    /// The decision of the rules.
    pub(crate) plan: Plan,
    /// The response.
    pub(crate) disposition: Disposition,
}

/// The source of a response.
pub(crate) enum Disposition {
    /// A rule before the checks.
    PreCheck(PreCheckPlan),
    /// Checks and endpoint.
    Through(Result<Reply, Refusal>),
}

/// Runs rules, checks and endpoint, in one step under the session's lock.
///
/// Effects on a response count only for a successful one: a refusal stays as the contract defines it.
pub(crate) fn decide(
    state: &mut SessionState,
    parts: &Parts,
    context: &RequestContext<'_>,
    now: Timestamp,
    work: impl FnOnce(&mut SessionState, Timestamp) -> Result<Reply, Refusal>,
) -> Decision {
    let facts = RequestFacts {
        step: context.endpoint,
        method: &parts.method,
        crew: context.crew.as_deref(),
        document: context.document.as_deref(),
        query: context.query,
        takes_gzip: accepts(&parts.headers, &ACCEPT_ENCODING, "gzip"),
    };
    let (mut plan, seed) = (Plan::default(), state.seed);
    if let Some(effect) = state.faults.decide_before_checks(&facts, seed, now, &mut plan) {
        return Decision { plan, disposition: Disposition::PreCheck(effect) };
    }
    let mut outcome = work(state, now);
    if let Ok(reply) = &mut outcome {
        state.faults.decide_on_response(&facts, reply.shape(context.head), seed, now, &mut plan);
        if let Reply::Link(link) = &mut *reply
            && ends_link(&plan.effects)
        {
            // The link is not signed yet.
            link.expire(now);
        }
        if let (Reply::File(file), Some(earlier)) = (reply, moved_range(&plan.effects)) {
            file.move_range(earlier);
        }
    }
    Decision { plan, disposition: Disposition::Through(outcome) }
}
