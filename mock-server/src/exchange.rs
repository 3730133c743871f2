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
use crate::journal::{Begun, Record};
use crate::reply::Reply;
use crate::session::{Live, Session};

/// An endpoint behind the checks: what a request that passed them gets.
pub(crate) type Endpoint = fn(&mut Live, &Ask, &Found, Timestamp) -> Result<Reply, Refusal>;

/// When an answer was made, and as which one of its session.
struct Stamp {
    id: [u8; 20],
    now: Timestamp,
    /// Its place in the journal, if there is one.
    seq: Option<u64>,
}

/// Answers a request of an endpoint behind the checks.
pub(crate) async fn answer(app: &App, request: Request, step: Step, endpoint: Endpoint) -> Response {
    let (parts, _) = request.into_parts();
    let ask = Ask::read(step, &parts);
    let session = of_key(app, &ask);
    conduct(app, parts, &ask, &session, |live, now| {
        let found = checks::admit(live, &ask, now)?;
        endpoint(live, &ask, &found, now)
    })
    .await
}

/// Answers what no endpoint is for: an unknown path, or a wrong method. It belongs to the session of its key, as every
/// request does, so that a test finds it where it looks.
pub(crate) async fn refuse(app: &App, request: Request, refusal: Refusal) -> Response {
    let (parts, _) = request.into_parts();
    let ask = Ask::read(Step::None, &parts);
    let session = of_key(app, &ask);
    conduct(app, parts, &ask, &session, |_, _| Err(refusal)).await
}

fn of_key(app: &App, ask: &Ask) -> Arc<Session> {
    let session = ask.credential.first().and_then(|key| app.sessions.of_key(key, Timestamp::now()));
    session.unwrap_or_else(|| app.sessions.default_session())
}

/// One exchange of a session: what `work` decides happens at once, under the session's lock; the answer is made after.
#[expect(clippy::unused_async, reason = "faults wait here")]
pub(crate) async fn conduct(
    app: &App,
    parts: Parts,
    ask: &Ask,
    session: &Arc<Session>,
    work: impl FnOnce(&mut Live, Timestamp) -> Result<Reply, Refusal>,
) -> Response {
    let started = Instant::now();
    let (stamp, outcome) = within(session, ask.step, work);
    let record = Record::new(session, stamp.seq, parts, app.epoch, started);
    let response = finish(app, &record, session, &stamp, outcome);
    record.follow(response)
}

/// One step of a session's life: what happens in `work` happens at once, at one time, as one answer, and has its place
/// in the journal.
fn within(
    session: &Session,
    step: Step,
    work: impl FnOnce(&mut Live, Timestamp) -> Result<Reply, Refusal>,
) -> (Stamp, Result<Reply, Refusal>) {
    let real = Timestamp::now();
    let mut live = session.live();
    let now = live.clock.now(real);
    let id = session.request_id(&mut live).text();
    let outcome = work(&mut live, now);
    let clause = outcome.as_ref().map_or_else(|refusal| refusal.clause, |_| clause::SERVED);
    let seq = live.journal.begin(now, Begun { step, clause, fault: None });
    (Stamp { id, now, seq }, outcome)
}

/// Turns an outcome into the answer on the wire.
fn finish(
    app: &App,
    record: &Record,
    session: &Arc<Session>,
    stamp: &Stamp,
    outcome: Result<Reply, Refusal>,
) -> Response {
    let head = record.request().method == http::Method::HEAD;
    let response = match outcome {
        Ok(reply) => reply.into_response(session, head, || app.origins.of(record.request())),
        Err(refusal) => refusal.into_response(),
    };
    stamp.put_on(response)
}

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
