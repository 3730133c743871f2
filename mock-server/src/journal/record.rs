//! The record of one exchange on its way: it holds the request until the answer is there, and what the journal keeps of
//! both until the answer is out, whichever way the exchange ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Version};
use http_body::Body as _;

use super::body::Followed;
use super::exchange::{Caller, Over};
use super::heads::Heads;
use super::ring::Place;
use crate::session::Session;
use crate::wire::Peer;

/// One exchange on its way. Dropped before there is an answer, it ends without one.
pub(crate) struct Record {
    request: Parts,
    /// Taken when the answer is there; `None` from the start where nothing is kept.
    begun: Option<Begun>,
}

struct Begun {
    session: Arc<Session>,
    place: Place,
    epoch: Instant,
    started: Duration,
}

impl Record {
    /// Holds the head of a request that was begun in the session's journal.
    pub(crate) fn new(
        session: &Arc<Session>,
        place: Option<Place>,
        request: Parts,
        epoch: Instant,
        started: Instant,
    ) -> Self {
        let started = started.saturating_duration_since(epoch);
        let begun = place.map(|place| Begun { session: Arc::clone(session), place, epoch, started });
        Self { request, begun }
    }

    /// The request.
    pub(crate) fn request(&self) -> &Parts {
        &self.request
    }

    /// Takes the head of the answer down, and follows its body. What hyper lent is given back here, before the answer
    /// goes out.
    ///
    /// Content-Length is set here already, where the router would set it later: the journal has it, too.
    pub(crate) fn follow(mut self, mut response: Response) -> Response {
        let Some(mut ending) = self.ending() else { return response };
        let exact = response.body().size_hint().exact();
        let headers = response.headers_mut();
        if let Some(length) = exact
            && !headers.contains_key(CONTENT_LENGTH)
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        ending.answered(response.status(), response.headers());
        if self.request.method == Method::HEAD || exact == Some(0) {
            ending.over(0, true, None);
            return response;
        }
        response.map(|body| Body::new(Followed::new(body, ending, json)))
    }

    fn ending(&mut self) -> Option<Ending> {
        let Begun { session, place, epoch, started } = self.begun.take()?;
        let request = &self.request;
        let caller = request.extensions.get::<Arc<Peer>>().map(|peer| Caller {
            address: peer.remote,
            local: peer.local,
            tls: peer.tls,
            connection: peer.number,
        });
        Some(Ending {
            session,
            seq: Some(place.seq),
            method: request.method.clone(),
            version: request.version,
            heads: Heads::of_request(place.spare, &request.uri, &request.headers),
            caller,
            status: None,
            epoch,
            started,
            answered: None,
        })
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        drop(self.ending());
    }
}

/// What is kept of an exchange until it is over. Dropped, it ends unfinished.
pub(super) struct Ending {
    session: Arc<Session>,
    /// Taken when it is over.
    seq: Option<u64>,
    method: Method,
    version: Version,
    heads: Heads,
    caller: Option<Caller>,
    status: Option<StatusCode>,
    epoch: Instant,
    started: Duration,
    answered: Option<Duration>,
}

impl Ending {
    fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.status = Some(status);
        self.heads.add_response(headers);
        self.answered = Some(self.epoch.elapsed());
    }

    /// Moves the exchange into the journal; only the first call counts.
    pub(super) fn over(&mut self, bytes: u64, whole: bool, body: Option<Bytes>) {
        let Some(seq) = self.seq.take() else { return };
        let over = Over {
            method: std::mem::take(&mut self.method),
            version: self.version,
            status: self.status,
            heads: std::mem::take(&mut self.heads),
            body,
            caller: self.caller,
            bytes,
            whole,
            started: self.started,
            answered: self.answered,
            ended: self.epoch.elapsed(),
        };
        self.session.live().journal.finish(seq, over);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.over(0, false, None);
    }
}
