//! The walk: the server's own checks, on counters that are put back, so that an explanation never disagrees with the
//! answer and never changes it.

use jiff::Timestamp;
use serde::Serialize;

use super::advice::{Advice, Stand};
use super::question::Question;
use super::words::shown;
use crate::checks::{self, Found};
use crate::clause::{self, Clause, Source};
use crate::error::Refusal;
use crate::fault::{Plan, RequestFacts, ResponseShape};
use crate::link_checks::{self, Link};
use crate::policy::{KeyOnFile, LimiterPosition, LinkUse, RateLimits, RecheckOnFollow};
use crate::reply::SMALL;
use crate::request::{RequestContext, Step};
use crate::session::SessionState;
use crate::world::Content;

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It passes.
    Passed,
    /// It fails, and so decides.
    Failed,
    /// Something before it has decided.
    NotReached,
}

/// One check of the walk.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Checked {
    /// The clause.
    pub(crate) clause: &'static str,
    /// Where the clause comes from.
    pub(crate) source: Source,
    /// What it says.
    pub(crate) text: &'static str,
    /// What became of it.
    pub(crate) result: Outcome,
}

/// What a request would get now, and why.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Explanation {
    /// The method.
    pub(crate) method: String,
    /// The path and the query, with what is secret masked.
    pub(crate) target: String,
    /// The session.
    pub(crate) session: String,
    /// The status; none where a fault ends the connection.
    pub(crate) status: Option<u16>,
    /// The error code of a refusal.
    pub(crate) code: Option<&'static str>,
    /// The clause that decides, as in the journal.
    pub(crate) decided_by: &'static str,
    /// Where it comes from.
    pub(crate) source: Source,
    /// Every check of the step, in its order.
    pub(crate) checks: Vec<Checked>,
    /// The fault rules that would fire.
    pub(crate) faults: Vec<Box<str>>,
    /// Why, in words.
    pub(crate) why: String,
    /// The nearest worlds in which it would pass.
    pub(crate) would_pass: Vec<String>,
}

/// What decides, with the checks as they were met.
struct Walk {
    checks: Vec<Checked>,
    refusal: Option<Refusal>,
    found: Found,
    content: Option<Content>,
}

/// Walks a request without a trace.
pub(crate) fn explain(state: &mut SessionState, question: &Question<'_>, now: Timestamp) -> Explanation {
    let mut rules = state.faults.clone();
    let (context, seed, mut plan) = (&question.context, state.seed, Plan::default());
    let subject = RequestFacts {
        step: context.step,
        method: &question.method,
        crew: context.crew.as_deref(),
        document: context.document.as_deref(),
        query: question.query,
        takes_gzip: false,
    };
    let mut walk = state.dry_run(|state| walk(state, question, now));
    let front = rules.decide_before_checks(&subject, seed, now, &mut plan);
    if front.is_none() && walk.refusal.is_none() {
        rules.decide_on_response(&subject, shape(context, walk.content.as_ref()), seed, now, &mut plan);
    }
    let effects = rules.reports();
    let stand = Stand { state, question, found: &walk.found, now };
    let (clause, status, code, advice) = match (&front, &walk.refusal) {
        (Some(front), _) => {
            walk.checks.iter_mut().for_each(|check| check.result = Outcome::NotReached);
            let name = plan.fired.last().map(|name| &**name);
            let effect = effects.iter().find(|rule| Some(&*rule.name) == name).map(|rule| rule.effect);
            (clause::FAULT, front.status(), None, stand.fault(name, effect))
        }
        (None, Some(refusal)) => {
            let code = refusal.code;
            (refusal.clause, Some(code.status.as_u16()), Some(code.name), stand.refused(refusal))
        }
        (None, None) => (clause::SERVED, Some(served(state, question)), None, stand.served(&plan.fired)),
    };
    let Advice { why, would_pass } = advice;
    Explanation {
        method: question.method.to_string(),
        target: shown(&question.query.map_or_else(|| question.path.to_owned(), |q| format!("{}?{q}", question.path))),
        session: question.session.to_owned(),
        status,
        code,
        decided_by: clause.id,
        source: clause.source,
        checks: walk.checks,
        faults: plan.fired,
        why,
        would_pass,
    }
}

fn walk(state: &mut SessionState, question: &Question<'_>, now: Timestamp) -> Walk {
    let context = &question.context;
    let mut walk = Walk { checks: Vec::new(), refusal: None, found: Found::default(), content: None };
    walk.meet(clause::ROUTE, true, || question.step.map(drop).ok_or_else(Refusal::unknown_path));
    let fits = context.step != Step::None;
    walk.meet(clause::METHOD, true, || fits.then_some(()).ok_or_else(Refusal::wrong_method));
    match question.step {
        None => {}
        Some(Step::File) => {
            let claims = question.told.clone().filter(|_| question.made);
            let mut link = Link { claims, ..Link::default() };
            for (at, (clause, check)) in link_checks::ORDER.iter().enumerate() {
                let is_first = !link_checks::ORDER[..at].iter().any(|(before, _)| before.id == clause.id);
                let asked = is_first && is_asked_of_links(state, clause);
                walk.meet(clause, asked, || check(state, context, &mut link, now));
            }
            let gone = link.content.as_ref().is_some_and(|content| !(question.opens)(content));
            walk.meet(clause::STORE_REACHABLE, false, || if gone { Err(link_checks::lost()) } else { Ok(()) });
            walk.found.crew = link.crew;
            walk.found.document = link.document;
            walk.content = link.content;
        }
        Some(step) => {
            let mut found = Found::default();
            let mut key_met = false;
            for (clause, check) in checks::ORDER {
                let asked = is_asked(state, step, clause, key_met);
                key_met |= clause.id == clause::KEY.id;
                walk.meet(clause, asked, || check(state, context, &mut found, now));
            }
            walk.found = found;
        }
    }
    walk
}

impl Walk {
    /// Meets a check. One that is not asked of this request is told of only where it fails all the same.
    fn meet(&mut self, clause: &'static Clause, asked: bool, check: impl FnOnce() -> Result<(), Refusal>) {
        let outcome = if self.refusal.is_some() { None } else { Some(check()) };
        let result = match outcome {
            None => Outcome::NotReached,
            Some(Ok(())) => Outcome::Passed,
            Some(Err(refusal)) => {
                self.refusal = Some(refusal);
                Outcome::Failed
            }
        };
        if asked || result == Outcome::Failed {
            // A check that is met twice is told once, by how it ends.
            self.checks.retain(|known| known.clause != clause.id);
            self.checks.push(Checked { clause: clause.id, source: clause.source, text: clause.text, result });
        }
    }
}

fn is_asked(state: &SessionState, step: Step, clause: &Clause, key_met: bool) -> bool {
    let limited = state.policies.rate_limits == RateLimits::On;
    match clause.id {
        id if id == clause::RATE_LIMIT.id => {
            limited && (state.policies.limiter_position == LimiterPosition::AfterScope) == key_met
        }
        id if [clause::SCOPE_GRANTED.id, clause::CREW_ON_FLEET.id, clause::SCOPE_CONSENTED.id].contains(&id) => {
            checks::scope_of(step).is_some()
        }
        id if [clause::DOCUMENT_CURRENT.id, clause::STORE_REACHABLE.id].contains(&id) => step == Step::Link,
        _ => true,
    }
}

fn is_asked_of_links(state: &SessionState, clause: &Clause) -> bool {
    match clause.id {
        id if id == clause::KEY_ON_FILE.id => state.policies.key_on_file == KeyOnFile::Refused,
        id if id == clause::LINK_GROUND.id => state.policies.recheck_on_follow == RecheckOnFollow::Dead,
        id if id == clause::LINK_UNSPENT.id => state.policies.link_use == LinkUse::Once,
        _ => true,
    }
}

/// The status of a request that is served.
fn served(state: &SessionState, question: &Question<'_>) -> u16 {
    let hops = question.told.as_ref().map_or(0, |claims| claims.hops);
    let redirect = state.policies.file_redirect.hops().map_or(302, |(status, _)| status);
    if question.context.step == Step::File && hops > 0 { redirect } else { 200 }
}

fn shape(context: &RequestContext<'_>, file: Option<&Content>) -> ResponseShape {
    match (context.step, file) {
        (Step::File, None) => ResponseShape { json: false, body: false, small: true },
        (Step::File, Some(file)) => {
            ResponseShape { json: false, body: !context.head && !file.is_empty(), small: file.len() <= SMALL }
        }
        _ => ResponseShape { json: true, body: !context.head, small: true },
    }
}
