//! Explains a request: runs the real checks and then restores the counters, so that the explanation
//! always matches the real answer and has no side effects.

use jiff::Timestamp;
use serde::Serialize;

use super::advice::{Advice, Remedy, Situation};
use super::question::Question;
use super::words::shown;
use crate::check::{self, Check, Observer, Request};
use crate::clause::{self, Clause, Source};
use crate::endpoint::{Access, Answers};
use crate::error::Refusal;
use crate::fault::{Plan, RequestFacts, ResponseShape};
use crate::reply::SMALL;
use crate::request::RequestContext;
use crate::session::SessionState;
use crate::world::Content;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The check passes.
    Passed,
    /// The check fails and determines the answer.
    Failed,
    /// An earlier check determined the answer.
    NotReached,
}

/// One check of the walk.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Checked {
    /// The clause.
    pub(crate) clause: &'static str,
    /// The source of the clause.
    pub(crate) source: Source,
    /// The text of the clause.
    pub(crate) text: &'static str,
    /// The result of the check.
    pub(crate) result: Outcome,
}

/// The answer that a request would get now, with its reason.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Explanation {
    /// The method.
    pub(crate) method: String,
    /// The path and the query, with secrets masked.
    pub(crate) target: String,
    /// The session.
    pub(crate) session: String,
    /// The status; `None` if a fault ends the connection.
    pub(crate) status: Option<u16>,
    /// The error code of a refusal.
    pub(crate) code: Option<&'static str>,
    /// The clause that determines the answer, as in the journal.
    pub(crate) decided_by: &'static str,
    /// The source of that clause.
    pub(crate) source: Source,
    /// Every check of the endpoint, in order.
    pub(crate) checks: Vec<Checked>,
    /// The fault rules that would fire.
    pub(crate) faults: Vec<Box<str>>,
    /// The reason, as text.
    pub(crate) why: String,
    /// The smallest changes after which the request would be served.
    pub(crate) would_pass: Vec<Remedy>,
}

/// Advice, computed after the counters are restored.
type Advise<'a> = Box<dyn FnOnce(&Situation<'_>) -> Advice + 'a>;

/// An observer that records the checks in the order in which they run.
#[derive(Default)]
struct Walk<'a> {
    checks: Vec<Checked>,
    /// The refusal of the check that failed, with its advice.
    failed: Option<(Refusal, Advise<'a>)>,
    content: Option<Content>,
}

/// Explains a request without side effects.
pub(crate) fn explain(state: &mut SessionState, question: &Question<'_>, now: Timestamp) -> Explanation {
    let mut rules = state.faults.clone();
    let (context, seed, mut plan) = (&question.context, state.seed, Plan::default());
    let facts = RequestFacts {
        step: context.endpoint,
        method: &question.method,
        crew: context.crew.as_deref(),
        document: context.document.as_deref(),
        query: question.query,
        takes_gzip: false,
    };
    let mut walk = state.dry_run(|state| walk(state, question, now));
    let front = rules.decide_before_checks(&facts, seed, now, &mut plan);
    if front.is_none() && walk.failed.is_none() {
        rules.decide_on_response(&facts, shape(context, walk.content.as_ref()), seed, now, &mut plan);
    }
    let effects = rules.reports();
    let situation = Situation { state, question, now };
    let (clause, status, code, advice) = match (&front, walk.failed) {
        (Some(front), _) => {
            walk.checks.iter_mut().for_each(|check| check.result = Outcome::NotReached);
            let name = plan.fired.last().map(|name| &**name);
            let effect = effects.iter().find(|rule| Some(&*rule.name) == name).map(|rule| rule.effect);
            (clause::FAULT, front.status(), None, situation.fault(name, effect))
        }
        (None, Some((refusal, advise))) => {
            let code = refusal.code;
            (refusal.clause, Some(code.status.as_u16()), Some(code.name), advise(&situation))
        }
        (None, None) => (clause::SERVED, Some(served(state, question)), None, situation.served(&plan.fired)),
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

/// Runs the checks of the path, of the method, and of the endpoint.
fn walk<'a>(state: &mut SessionState, question: &'a Question<'a>, now: Timestamp) -> Walk<'a> {
    let mut walk = Walk::default();
    let Some(resource) = question.resource else {
        walk.fail(clause::ROUTE, Refusal::unknown_path(), Box::new(advise_on_route));
        walk.note(clause::METHOD, Outcome::NotReached);
        return walk;
    };
    walk.note(clause::ROUTE, Outcome::Passed);
    let endpoint = resource.endpoint(&question.method);
    if endpoint.is_some() {
        walk.note(clause::METHOD, Outcome::Passed);
    } else {
        let refusal = Refusal::wrong_method(resource.allow());
        walk.fail(clause::METHOD, refusal, Box::new(|situation| situation.method(resource)));
    }
    // With a wrong method, the checks of the path's first endpoint are listed as not reached.
    let Some(endpoint) = endpoint.or_else(|| resource.endpoints().first().copied()) else { return walk };
    let request = Request { state, context: &question.context, now };
    match &endpoint.access {
        Access::Key(needs) => needs.observe(request, &mut walk),
        Access::Link(_) => walk.link(request, question),
    }
    walk
}

impl<'a> Walk<'a> {
    /// Runs the checks of a link, and opens its file as the server would.
    fn link(&mut self, request: Request<'_, '_>, question: &'a Question<'a>) {
        let claims = question.claims.as_ref().filter(|_| question.is_signed);
        let now = request.now;
        let (Request { state, .. }, reached) = check::link(request, self, claims);
        let unavailable = check::store_unavailable(&state.policies, now);
        let content = reached.ok().and_then(|file| file.content);
        if self.failed.is_none() && content.as_ref().is_some_and(|content| !(question.opens)(content)) {
            let advise = |_: &Situation<'_>| Situation::lost_file();
            self.fail(clause::STORE_REACHABLE, unavailable, Box::new(advise));
        }
        self.content = content;
    }

    /// Records a check. A check that runs twice is recorded once, with its last result.
    fn note(&mut self, clause: &'static Clause, result: Outcome) {
        self.checks.retain(|known| known.clause != clause.id);
        self.checks.push(Checked { clause: clause.id, source: clause.source, text: clause.text, result });
    }

    fn fail(&mut self, clause: &'static Clause, refusal: Refusal, advise: Advise<'a>) {
        self.note(clause, Outcome::Failed);
        self.failed = Some((refusal, advise));
    }
}

impl<'a> Observer<'a> for Walk<'a> {
    fn ran<C: Check<'a>>(&mut self, request: &Request<'_, '_>, input: C::Input, refusal: Option<&Refusal>) {
        // A wrong method has determined the answer already.
        if self.failed.is_some() {
            return self.skipped::<C>(request);
        }
        match refusal.cloned() {
            Some(refusal) => {
                let of_check = refusal.clone();
                self.fail(C::CLAUSE, refusal, Box::new(move |situation| C::advice(situation, input, &of_check)));
            }
            None if C::is_asked(request) => self.note(C::CLAUSE, Outcome::Passed),
            None => {}
        }
    }

    fn skipped<C: Check<'a>>(&mut self, request: &Request<'_, '_>) {
        if C::is_asked(request) {
            self.note(C::CLAUSE, Outcome::NotReached);
        }
    }
}

/// Returns the status of a request that is served.
fn served(state: &SessionState, question: &Question<'_>) -> u16 {
    let hops = question.claims.as_ref().map_or(0, |claims| claims.hops);
    let redirect = state.policies.file_redirect.hops().map_or(302, |(status, _)| status);
    if question.context.endpoint.is_by_link() && hops > 0 { redirect } else { 200 }
}

/// Returns the shape of an answer for the fault rules.
fn shape(context: &RequestContext<'_>, file: Option<&Content>) -> ResponseShape {
    match (context.endpoint.answers(), file) {
        (Some(Answers::Picture), _) => ResponseShape { json: false, body: !context.head, small: true, part: false },
        (Some(Answers::File), None) => ResponseShape::bare(),
        // The question has no `Range`.
        (Some(Answers::File), Some(file)) => ResponseShape {
            json: false,
            body: !context.head && !file.is_empty(),
            small: file.len() <= SMALL,
            part: false,
        },
        _ => ResponseShape::json(!context.head),
    }
}

/// Returns advice on a path or method that no endpoint has.
fn advise_on_route(situation: &Situation<'_>) -> Advice {
    situation.route()
}
