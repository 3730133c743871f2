//! The record of one exchange on its way: it holds the request until the answer is there, and what the journal keeps of
//! both until the answer is out, whichever way the exchange ends.

use std::sync::Arc;
use std::time::Instant;

use http::Method;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http_body::Body as _;

use super::body::Followed;
use super::ending::Ending;
use super::exchange::Over;
use super::ring::Place;
use crate::body::{Body, Response};
use crate::request::IncomingRequest;
use crate::session::Session;

/// One exchange on its way. Dropped before there is an answer, it ends without one.
pub(crate) struct Record {
    incoming: IncomingRequest,
    /// Taken when the answer is there; `None` from the start where nothing is kept.
    begun: Option<Begun>,
}

struct Begun {
    session: Arc<Session>,
    place: Place,
    epoch: Instant,
    started: Instant,
}

impl Record {
    /// Holds the head of a request that was begun in the session's journal.
    pub(crate) fn new(
        session: &Arc<Session>,
        place: Option<Place>,
        incoming: IncomingRequest,
        epoch: Instant,
        started: Instant,
    ) -> Self {
        let begun = place.map(|place| Begun { session: Arc::clone(session), place, epoch, started });
        Self { incoming, begun }
    }

    /// The request.
    pub(crate) fn call(&self) -> &IncomingRequest {
        &self.incoming
    }

    /// Takes the head of the answer down, and follows its body. What hyper lent is given back here, before the answer
    /// goes out.
    ///
    /// Content-Length is set here already, where the router would set it later: the journal has it, too.
    pub(crate) fn follow(mut self, response: &mut Response) {
        let Some(mut ending) = self.ending() else { return };
        let exact = response.body().size_hint().exact();
        let headers = response.headers_mut();
        if let Some(length) = exact
            && !headers.contains_key(CONTENT_LENGTH)
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        ending.answered(response.status(), response.headers());
        if self.incoming.parts.method == Method::HEAD || exact == Some(0) {
            ending.over(0, true, None);
            return;
        }
        let body = std::mem::take(response.body_mut());
        *response.body_mut() = Body::new(Followed::new(body, ending, json));
    }

    fn ending(&mut self) -> Option<Ending> {
        let Begun { session, place, epoch, started } = self.begun.take()?;
        let over = Over::begin(place.spare, &self.incoming, epoch, started);
        Some(Ending { session, seq: place.seq, over: Some(over) })
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        drop(self.ending());
    }
}
