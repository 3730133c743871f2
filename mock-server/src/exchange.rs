//! One request from its head to its answer: ask, session, checks, endpoint, answer. Every endpoint goes this way.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use http::header::{DATE, HeaderName, HeaderValue};
use http::request::Parts;
use jiff::Timestamp;

use crate::app::App;
use crate::ask::{Ask, Step};
use crate::checks::{self, Found};
use crate::clause;
use crate::error::Refusal;
use crate::fault::Plan;
use crate::journal::{Begun, Place, Record};
use crate::reply::Reply;
use crate::reply::faulty::{self, Decided, Way};
use crate::session::{Live, Session};
use crate::wire::Peer;

/// An endpoint behind the checks: what a request that passed them gets.
pub(crate) type Endpoint = fn(&mut Live, &Ask, &Found, Timestamp) -> Result<Reply, Refusal>;

/// When an answer was made, and as which one of its session.
struct Stamp {
    id: [u8; 20],
    now: Timestamp,
}

/// Answers a request of an endpoint behind the checks.
pub(crate) async fn answer(app: &App, request: Request, step: Step, endpoint: Endpoint) -> Response {
    let (parts, _) = request.into_parts();
    let (ask, real) = (Ask::read(step, &parts), Timestamp::now());
    let session = of_key(app, &ask, real);
    conduct(app, parts, &ask, &session, real, |live, now| {
        let found = checks::admit(live, &ask, now)?;
        endpoint(live, &ask, &found, now)
    })
    .await
}

/// Answers what no endpoint is for: an unknown path, or a wrong method. It belongs to the session of its key, as every
/// request does, so that a test finds it where it looks.
pub(crate) async fn refuse(app: &App, request: Request, refusal: Refusal) -> Response {
    let (parts, _) = request.into_parts();
    let (ask, real) = (Ask::read(Step::None, &parts), Timestamp::now());
    let session = of_key(app, &ask, real);
    conduct(app, parts, &ask, &session, real, |_, _| Err(refusal)).await
}

fn of_key(app: &App, ask: &Ask, real: Timestamp) -> Arc<Session> {
    let session = ask.credential.first().and_then(|key| app.sessions.of_key(key, real));
    session.unwrap_or_else(|| app.sessions.default_session())
}

/// One exchange of a session: what `work` decides happens at once, under the session's lock; the answer is made after.
///
/// What only a rule needs is boxed: the future of a request that no rule meets stays small, and it is moved a few times.
pub(crate) async fn conduct(
    app: &App,
    parts: Parts,
    ask: &Ask,
    session: &Arc<Session>,
    real: Timestamp,
    work: impl FnOnce(&mut Live, Timestamp) -> Result<Reply, Refusal>,
) -> Response {
    let started = Instant::now();
    let (stamp, place, Decided { plan, way }) = within(session, ask.step, real, |live, now| {
        if live.faults.is_empty() {
            return Decided { plan: Plan::default(), way: Way::Through(work(live, now)) };
        }
        faulty::decide(live, &parts, ask, now, work)
    });
    let record = Record::new(session, place, parts, app.epoch, started);
    let request = record.request();
    if !plan.latency.is_zero() {
        Box::pin(tokio::time::sleep(plan.latency)).await;
    }
    let response = match way {
        Way::Through(outcome) if plan.changes.is_empty() => finish(app, request, session, &stamp, outcome),
        Way::Through(mut outcome) => {
            let once = outcome.as_mut().ok().filter(|_| plan.sends_by_itself()).and_then(Reply::take_once);
            let line = request.extensions.get::<Arc<Peer>>().map(|peer| peer.line.clone());
            let response = finish(app, request, session, &stamp, outcome);
            Box::pin(faulty::changed(response, &plan.changes, line, once)).await
        }
        Way::Front(front) => {
            let origin = || app.origins.of(request);
            let silent = front.is_silent();
            let response = Box::pin(faulty::front(front, request, ask.token.as_deref(), origin, stamp.now)).await;
            if silent {
                // The record ends without an answer: none went out.
                return response;
            }
            stamp.put_on(response)
        }
    };
    record.follow(response)
}

/// One step of a session's life: what happens in `work` happens at once, at one time, as one answer, and has its place
/// in the journal.
fn within(
    session: &Session,
    step: Step,
    real: Timestamp,
    work: impl FnOnce(&mut Live, Timestamp) -> Decided,
) -> (Stamp, Option<Place>, Decided) {
    let mut live = session.live();
    let now = live.clock.now(real);
    let id = session.request_id(&mut live).text();
    let decided = work(&mut live, now);
    let clause = match &decided.way {
        Way::Front(_) => clause::FAULT,
        Way::Through(Ok(_)) => clause::SERVED,
        Way::Through(Err(refusal)) => refusal.clause,
    };
    let place = live.journal.begin(now, Begun { step, clause, faults: decided.plan.fired.clone() });
    (Stamp { id, now }, place, decided)
}

/// Turns an outcome into the answer on the wire.
fn finish(
    app: &App,
    request: &Parts,
    session: &Arc<Session>,
    stamp: &Stamp,
    outcome: Result<Reply, Refusal>,
) -> Response {
    let head = request.method == http::Method::HEAD;
    let response = match outcome {
        Ok(reply) => reply.into_response(session, head, || app.origins.of(request)),
        Err(refusal) => {
            let clause = refusal.clause.id;
            let mut response = refusal.into_response();
            if app.explain_header {
                response.headers_mut().insert(REASON, HeaderValue::from_static(clause));
            }
            response
        }
    };
    stamp.put_on(response)
}

/// Which clause refused a request, for who debugs a client. Off unless told: the contract's 404 may not tell why (P).
pub(crate) const REASON: HeaderName = HeaderName::from_static("x-mock-reason");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Stamp {
    /// Puts `X-Request-Id` (P) and the session's `Date` on an answer.
    fn put_on(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_bytes(&self.id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Ok(date) = HeaderValue::from_maybe_shared(crate::stamp::http_date_now(self.now.as_second())) {
            headers.insert(DATE, date);
        }
        response
    }
}

/// Puts an id on an answer of the control API. It is counted apart, so that what a test does to the fake does not move
/// the ids of what it then asks.
pub(crate) fn numbered(app: &App, mut response: Response) -> Response {
    let number = app.controls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if let Ok(id) = HeaderValue::try_from(format!("req_control{number:08x}")) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
