//! The record of one exchange on its way: it holds the request until the answer is out, and then moves all into the
//! session's journal, whichever way the exchange ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::Body as _;

use super::body::Followed;
use super::exchange::{Caller, Over};
use crate::session::Session;
use crate::wire::Peer;

/// One exchange on its way. Dropped before there is an answer, it ends without one.
pub(crate) struct Record {
    session: Arc<Session>,
    /// Taken when it is over; `None` from the start where nothing is kept.
    seq: Option<u64>,
    request: Parts,
    response: Option<(StatusCode, HeaderMap)>,
    epoch: Instant,
    started: Duration,
    answered: Option<Duration>,
}

impl Record {
    /// Holds the head of a request that was begun in the session's journal.
    pub(crate) fn new(
        session: &Arc<Session>,
        seq: Option<u64>,
        request: Parts,
        epoch: Instant,
        started: Instant,
    ) -> Self {
        let started = started.saturating_duration_since(epoch);
        Self { session: Arc::clone(session), seq, request, response: None, epoch, started, answered: None }
    }

    /// The request; nothing of it is left once the exchange is over.
    pub(crate) fn request(&self) -> &Parts {
        &self.request
    }

    /// Takes the head of the answer down, and follows its body.
    ///
    /// Content-Length is set here already, where the router would set it later: the journal has it, too.
    pub(crate) fn follow(mut self, mut response: Response) -> Response {
        if self.seq.is_none() {
            return response;
        }
        let exact = response.body().size_hint().exact();
        let headers = response.headers_mut();
        if let Some(length) = exact
            && !headers.contains_key(CONTENT_LENGTH)
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        self.answered = Some(self.epoch.elapsed());
        self.response = Some((response.status(), response.headers().clone()));
        if self.request.method == Method::HEAD || exact == Some(0) {
            self.over(0, true, None);
            return response;
        }
        response.map(|body| Body::new(Followed::new(body, self, json)))
    }

    /// Moves the exchange into the journal; only the first call counts.
    pub(super) fn over(&mut self, bytes: u64, whole: bool, body: Option<Bytes>) {
        let Some(seq) = self.seq.take() else { return };
        let (mut request, ()) = Request::new(()).into_parts();
        std::mem::swap(&mut request, &mut self.request);
        let extensions = std::mem::take(&mut request.extensions);
        let response = self.response.take();
        let caller = extensions.get::<Arc<Peer>>().map(|peer| Caller {
            address: peer.remote,
            tls: peer.tls,
            connection: peer.number,
        });
        let over = Over {
            request,
            response,
            body,
            caller,
            bytes,
            whole,
            started: self.started,
            answered: self.answered,
            ended: self.epoch.elapsed(),
        };
        self.session.live().journal.finish(seq, over);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.over(0, false, None);
    }
}
