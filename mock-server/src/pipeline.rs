//! One request from its head to its answer: ask, session, checks, endpoint, answer. Every endpoint goes this way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use http::header::{DATE, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::app::App;
use crate::body::Response;
use crate::checks::{self, Found};
use crate::clause;
use crate::error::Refusal;
use crate::fault::Plan;
use crate::journal::{Record, ReservedEntry, StartedExchange};
use crate::reply::Reply;
use crate::reply::faulty::{self, Decision, Disposition};
use crate::request::{IncomingRequest, RequestContext, Step};
use crate::session::{Session, SessionState};

/// An endpoint behind the checks: what a request that passed them gets.
pub(crate) type Endpoint = fn(&mut SessionState, &RequestContext<'_>, &Found, Timestamp) -> Result<Reply, Refusal>;

/// When an answer was made, and as which one of its session.
struct Stamp {
    id: [u8; 20],
    now: Timestamp,
}

/// An answer: most are there as soon as they are asked for, so that there is no future to be moved about.
pub(crate) enum Answer {
    /// It is there.
    Now(Response),
    /// It has to be waited for: the control API, a rule's latency, a file that is made.
    Later(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl Answer {
    /// The answer, once it is there.
    pub(crate) async fn whole(self) -> Response {
        match self {
            Self::Now(response) => response,
            Self::Later(later) => later.await,
        }
    }

    /// The same, changed.
    pub(crate) fn then(self, change: fn(Response) -> Response) -> Self {
        match self {
            Self::Now(response) => Self::Now(change(response)),
            Self::Later(later) => Self::Later(Box::pin(async move { change(later.await) })),
        }
    }
}

/// Answers a request of an endpoint behind the checks.
pub(crate) fn answer(app: &Arc<App>, incoming: IncomingRequest, step: Step, endpoint: Endpoint) -> Answer {
    let (mut context, real) = (RequestContext::new(step, &incoming), Timestamp::now());
    let session = of_key(app, &context, real);
    context.resolve_crew(&session);
    let decision = decide(&incoming, &context, &session, real, |state, now| {
        let found = checks::admit(state, &context, now)?;
        endpoint(state, &context, &found, now)
    });
    respond(app, incoming, &session, decision)
}

/// Answers what no endpoint is for: an unknown path, or a wrong method. It belongs to the session of its key, as every
/// request does, so that a test finds it where it looks.
pub(crate) fn refuse(app: &Arc<App>, incoming: IncomingRequest, refusal: Refusal) -> Answer {
    let (context, real) = (RequestContext::new(Step::None, &incoming), Timestamp::now());
    let session = of_key(app, &context, real);
    let decision = decide(&incoming, &context, &session, real, |_, _| Err(refusal));
    respond(app, incoming, &session, decision)
}

fn of_key(app: &App, context: &RequestContext<'_>, real: Timestamp) -> Arc<Session> {
    let session = context.credential().first().and_then(|key| app.sessions.by_key(key, real));
    session.unwrap_or_else(|| app.sessions.default_session())
}

/// What a session decided about a request.
pub(crate) struct RequestDecision {
    started: Instant,
    step: Step,
    stamp: Stamp,
    place: Option<ReservedEntry>,
    decided: Decision,
}

/// One step of a session's life: what `work` decides happens at once, under the session's lock, at one time, as one
/// answer, and has its place in the journal.
pub(crate) fn decide(
    incoming: &IncomingRequest,
    context: &RequestContext<'_>,
    session: &Session,
    real: Timestamp,
    work: impl FnOnce(&mut SessionState, Timestamp) -> Result<Reply, Refusal>,
) -> RequestDecision {
    let started = Instant::now();
    let mut state = session.lock();
    let now = state.clock.now(real);
    let id = session.request_id(&mut state).text();
    let decided = if state.faults.is_empty() {
        Decision { plan: Plan::default(), disposition: Disposition::Through(work(&mut state, now)) }
    } else {
        faulty::decide(&mut state, &incoming.parts, context, now, work)
    };
    let clause = match &decided.disposition {
        Disposition::PreCheck(_) => clause::FAULT,
        Disposition::Through(Ok(_)) => clause::SERVED,
        Disposition::Through(Err(refusal)) => refusal.clause,
    };
    let place =
        state.journal.begin(now, StartedExchange { step: context.step, clause, faults: decided.plan.fired.clone() });
    drop(state);
    RequestDecision { started, step: context.step, stamp: Stamp { id, now }, place, decided }
}

/// The answer that a decision comes to.
pub(crate) fn respond(
    app: &Arc<App>,
    incoming: IncomingRequest,
    session: &Arc<Session>,
    decision: RequestDecision,
) -> Answer {
    let RequestDecision { started, step, stamp, place, decided: Decision { plan, disposition } } = decision;
    let record = Record::new(session, place, incoming, app.epoch, started);
    match disposition {
        Disposition::Through(outcome) if plan.is_idle() => {
            let mut response = finish(app, record.request(), session, &stamp, outcome);
            record.follow(&mut response);
            Answer::Now(response)
        }
        disposition => {
            let (app, session) = (Arc::clone(app), Arc::clone(session));
            let decided = Decision { plan, disposition };
            Answer::Later(Box::pin(async move { carry_out(&app, record, &session, step, &stamp, decided).await }))
        }
    }
}

/// Does what the rules decided.
async fn carry_out(
    app: &App,
    record: Record,
    session: &Arc<Session>,
    step: Step,
    stamp: &Stamp,
    Decision { plan, disposition }: Decision,
) -> Response {
    let incoming = record.request();
    if !plan.latency.is_zero() {
        tokio::time::sleep(plan.latency).await;
    }
    let mut response = match disposition {
        Disposition::Through(mut outcome) => {
            let once = outcome.as_mut().ok().filter(|_| plan.rewrites_body()).and_then(Reply::take_once);
            let response = finish(app, incoming, session, stamp, outcome);
            faulty::execute_on_response(response, &plan.effects, &incoming.peer.connection, once).await
        }
        Disposition::PreCheck(front) => {
            let (token, origin) = (step.token(incoming.parts.uri.path()), || app.origins.of(incoming));
            let silent = front.status().is_none();
            let mut response = faulty::execute_pre_check(front, incoming, token, origin, stamp.now).await;
            if silent {
                // The record ends without an answer: none went out.
                return response;
            }
            stamp.put_on(&mut response);
            response
        }
    };
    record.follow(&mut response);
    response
}

/// Turns an outcome into the answer on the wire.
fn finish(
    app: &App,
    incoming: &IncomingRequest,
    session: &Arc<Session>,
    stamp: &Stamp,
    outcome: Result<Reply, Refusal>,
) -> Response {
    let mut response = match outcome {
        Ok(reply) => reply.into_response(session, incoming, || app.origins.of(incoming)),
        Err(refusal) => {
            let clause = refusal.clause.id;
            let mut response = refusal.into_response();
            if app.explain_header {
                response.headers_mut().insert(REASON, HeaderValue::from_static(clause));
            }
            response
        }
    };
    stamp.put_on(&mut response);
    response
}

/// Which clause refused a request, for who debugs a client. Off unless told: the contract's 404 may not tell why (P).
pub(crate) const REASON: HeaderName = HeaderName::from_static("x-mock-reason");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Stamp {
    /// Puts `X-Request-Id` (P) and the session's `Date` on an answer.
    fn put_on(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_bytes(&self.id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Ok(date) = HeaderValue::from_maybe_shared(crate::time_format::http_date_now(self.now.as_second())) {
            headers.insert(DATE, date);
        }
    }
}

/// Puts an id on an answer of the control API. It is counted apart, so that what a test does to the fake does not move
/// the ids of what it then asks.
pub(crate) fn numbered<B>(app: &App, mut response: http::Response<B>) -> http::Response<B> {
    let number = app.controls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if let Ok(id) = HeaderValue::try_from(format!("req_control{number:08x}")) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
