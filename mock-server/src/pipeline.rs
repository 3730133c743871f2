//! The way of a request from its head to its answer: context, session, checks, handler, response. Every
//! endpoint takes it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use http::header::{DATE, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::app_state::AppState;
use crate::body::Response;
use crate::clause::{self, Clause};
use crate::endpoint::{EndpointName, Needs};
use crate::error::{self, Refusal};
use crate::fault::Plan;
use crate::journal::{Record, ReservedEntry, StartedExchange};
use crate::reply::Reply;
use crate::reply::faulty::{self, Decision, Disposition};
use crate::request::{IncomingRequest, RequestContext};
use crate::request_log::Observation;
use crate::session::{RequestId, Session, SessionState};

/// The id and the time of an answer.
struct Stamp {
    id: RequestId,
    now: Timestamp,
}

/// An answer. Most are ready at once; those allocate no future.
pub(crate) enum Answer {
    /// A response that is ready.
    Now(Response),
    /// A response to wait for: of the control API, a rule's latency, a file that is generated.
    Later(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl Answer {
    /// Waits for the response.
    pub(crate) async fn whole(self) -> Response {
        match self {
            Self::Now(response) => response,
            Self::Later(later) => later.await,
        }
    }

    /// Applies a change to the response.
    pub(crate) fn then(self, change: fn(Response) -> Response) -> Self {
        match self {
            Self::Now(response) => Self::Now(change(response)),
            Self::Later(later) => Self::Later(Box::pin(async move { change(later.await) })),
        }
    }
}

/// Answers a request for an endpoint whose credential is an API key.
pub(crate) fn answer(
    app: &Arc<AppState>,
    incoming: IncomingRequest,
    endpoint: EndpointName,
    needs: &'static Needs,
) -> Answer {
    let (mut context, real) = (RequestContext::new(endpoint, &incoming), Timestamp::now());
    let session = session_of_key(app, &context, real);
    context.resolve_crew(&session);
    let decision = decide(&incoming, &context, &session, real, |state, now| needs.serve(state, &context, now));
    respond(app, incoming, &session, decision)
}

/// Refuses a request that is for no endpoint: its path is unknown, or its method is wrong. It belongs to the session of
/// its key, as every request does, so that a test finds it in the journal where it looks.
pub(crate) fn refuse(app: &Arc<AppState>, incoming: IncomingRequest, refusal: Refusal) -> Answer {
    let context = RequestContext::new(EndpointName::NONE, &incoming);
    let session = session_of_key(app, &context, Timestamp::now());
    refuse_in(app, incoming, &session, refusal)
}

/// Refuses a request that is not well-formed, before the fault rules and every check (H).
pub(crate) fn refuse_malformed(app: &Arc<AppState>, incoming: IncomingRequest) -> Answer {
    let (context, real) = (RequestContext::new(EndpointName::NONE, &incoming), Timestamp::now());
    let session = session_of_key(app, &context, real);
    let refusal = Refusal::new(clause::WELL_FORMED, error::BAD_REQUEST);
    let decision = decide_by(&session, EndpointName::NONE, real, |_, _| Decision {
        plan: Plan::default(),
        disposition: Disposition::Through(Err(refusal)),
    });
    respond(app, incoming, &session, decision)
}

/// Refuses a request that is for no endpoint but belongs to a session.
pub(crate) fn refuse_in(
    app: &Arc<AppState>,
    incoming: IncomingRequest,
    session: &Arc<Session>,
    refusal: Refusal,
) -> Answer {
    let (context, real) = (RequestContext::new(EndpointName::NONE, &incoming), Timestamp::now());
    let decision = decide(&incoming, &context, session, real, |_, _| Err(refusal));
    respond(app, incoming, session, decision)
}

/// Returns the session that a request's key picks, or the default one.
fn session_of_key(app: &AppState, context: &RequestContext<'_>, real: Timestamp) -> Arc<Session> {
    let session = context.credential().first().and_then(|key| app.sessions.by_key(key, real));
    session.unwrap_or_else(|| app.sessions.default_session())
}

/// A session's decision about a request.
pub(crate) struct RequestDecision {
    started: Instant,
    endpoint: EndpointName,
    stamp: Stamp,
    place: Option<ReservedEntry>,
    clause: &'static Clause,
    decided: Decision,
}

/// Decides a request as one transition of the session: under its lock, at one time, with one place in the journal.
pub(crate) fn decide(
    incoming: &IncomingRequest,
    context: &RequestContext<'_>,
    session: &Session,
    real: Timestamp,
    work: impl FnOnce(&mut SessionState, Timestamp) -> Result<Reply, Refusal>,
) -> RequestDecision {
    decide_by(session, context.endpoint, real, |state, now| {
        if state.faults.is_empty() {
            Decision { plan: Plan::default(), disposition: Disposition::Through(work(state, now)) }
        } else {
            faulty::decide(state, &incoming.parts, context, now, work)
        }
    })
}

/// Decides a request by a function that also asks the fault rules, or leaves them out.
fn decide_by(
    session: &Session,
    endpoint: EndpointName,
    real: Timestamp,
    decide: impl FnOnce(&mut SessionState, Timestamp) -> Decision,
) -> RequestDecision {
    let started = Instant::now();
    let mut state = session.lock();
    let now = state.clock.now(real);
    let id = state.request_id();
    let decided = decide(&mut state, now);
    let clause = match &decided.disposition {
        Disposition::PreCheck(_) => clause::FAULT,
        Disposition::Through(Ok(_)) => clause::SERVED,
        Disposition::Through(Err(refusal)) => refusal.clause,
    };
    let place =
        state.journal.begin(now, StartedExchange { step: endpoint, clause, faults: decided.plan.fired.clone() });
    drop(state);
    RequestDecision { started, endpoint, stamp: Stamp { id, now }, place, clause, decided }
}

/// Turns a decision into the answer.
pub(crate) fn respond(
    app: &Arc<AppState>,
    incoming: IncomingRequest,
    session: &Arc<Session>,
    decision: RequestDecision,
) -> Answer {
    let RequestDecision { started, endpoint, stamp, place, clause, decided: Decision { plan, disposition } } = decision;
    let observation = Observation::begin(app, &incoming.parts);
    let observation = observation.map(|observation| observation.decided(endpoint, clause, session));
    #[cfg(feature = "cli")]
    if let Some(metrics) = &app.metrics {
        plan.effect_names.iter().for_each(|effect| metrics.count_fault(effect));
    }
    let record = Record::new(session, place, incoming, app.epoch, started);
    match disposition {
        Disposition::Through(outcome) if plan.is_idle() => {
            let mut response = finish(app, record.request(), session, &stamp, outcome);
            record.follow(&mut response);
            if let Some(observation) = observation {
                observation.answered(response.status());
            }
            Answer::Now(response)
        }
        disposition => {
            let (app, session) = (Arc::clone(app), Arc::clone(session));
            let decided = Decision { plan, disposition };
            Answer::Later(Box::pin(async move {
                let answered = carry_out(&app, record, &session, endpoint, &stamp, decided).await;
                if let (Ok(response), Some(observation)) = (&answered, observation) {
                    observation.answered(response.status());
                }
                answered.unwrap_or_else(|silent| silent)
            }))
        }
    }
}

/// Carries out what fault rules decided. An error is a response that is not sent: the connection has ended.
async fn carry_out(
    app: &AppState,
    record: Record,
    session: &Arc<Session>,
    endpoint: EndpointName,
    stamp: &Stamp,
    Decision { plan, disposition }: Decision,
) -> Result<Response, Response> {
    let incoming = record.request();
    if !plan.latency.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(plan.latency) => {}
            // Nobody reads the answer, so none goes out, and the record ends without one.
            () = incoming.peer.connection.client_left() => {
                incoming.peer.connection.close();
                return Err(Response::default());
            }
        }
    }
    let mut response = match disposition {
        Disposition::Through(mut outcome) => {
            let once = outcome.as_mut().ok().filter(|_| plan.rewrites_body()).and_then(Reply::take_once);
            let response = finish(app, incoming, session, stamp, outcome);
            faulty::execute_on_response(response, &plan.effects, &incoming.peer.connection, once).await
        }
        Disposition::PreCheck(front) => {
            let (token, origin) =
                (endpoint.segments(incoming.parts.uri.path()).token, || app.origins.origin_for(incoming));
            let silent = front.status().is_none();
            let mut response = faulty::execute_pre_check(front, incoming, token, origin, stamp.now).await;
            if silent {
                // The record ends without an answer: none went out.
                return Err(response);
            }
            stamp.put_on(&mut response);
            response
        }
    };
    record.follow(&mut response);
    Ok(response)
}

/// Turns an outcome into the response on the wire.
fn finish(
    app: &AppState,
    incoming: &IncomingRequest,
    session: &Arc<Session>,
    stamp: &Stamp,
    outcome: Result<Reply, Refusal>,
) -> Response {
    let mut response = match outcome {
        Ok(reply) => reply.into_response(session, incoming, || app.origins.origin_for(incoming)),
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

/// The clause that refused a request, for debugging a client. It is off by default: the contract's 404 may not say
/// why (P).
pub(crate) const REASON: HeaderName = HeaderName::from_static("x-mock-reason");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Stamp {
    /// Puts `X-Request-Id` (P) and the session's `Date` on an answer that has none from a rule.
    fn put_on(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_bytes(self.id.as_bytes()) {
            headers.entry(REQUEST_ID).or_insert(id);
        }
        if let Ok(date) = HeaderValue::from_maybe_shared(crate::time_format::http_date_now(self.now.as_second())) {
            headers.entry(DATE).or_insert(date);
        }
    }
}

/// Puts an id on an answer of the control API. These ids are counted apart, so that what a test does to the fake does
/// not change the ids of later API answers.
pub(crate) fn numbered<B>(app: &AppState, mut response: http::Response<B>) -> http::Response<B> {
    let number = app.controls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if let Ok(id) = HeaderValue::try_from(format!("req_control{number:08x}")) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
