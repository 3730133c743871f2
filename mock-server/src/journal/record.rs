//! The recorder of one exchange. It holds the request until the response exists, and records both
//! when the response ends, however the exchange ends.

use std::sync::Arc;
use std::time::Instant;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use http_body::Body as _;

use super::body::RecordedBody;
use super::exchange::FinishedExchange;
use super::open_exchange::OpenExchange;
use super::ring::ReservedEntry;
use crate::body::{Body, Response};
use crate::request::IncomingRequest;
use crate::session::Session;

/// The recorder of one exchange. Dropped before there is a response, it records the exchange
/// without one.
pub(crate) struct Record {
    incoming: IncomingRequest,
    /// Taken when the response exists; `None` from the start if the journal is off.
    pending: Option<Pending>,
}

struct Pending {
    session: Arc<Session>,
    entry: ReservedEntry,
    epoch: Instant,
    started: Instant,
}

impl Record {
    /// Creates the recorder of a request that was started in the session's journal.
    pub(crate) fn new(
        session: &Arc<Session>,
        entry: Option<ReservedEntry>,
        incoming: IncomingRequest,
        epoch: Instant,
        started: Instant,
    ) -> Self {
        let pending = entry.map(|entry| Pending { session: Arc::clone(session), entry, epoch, started });
        Self { incoming, pending }
    }

    /// Returns the request.
    pub(crate) fn request(&self) -> &IncomingRequest {
        &self.incoming
    }

    /// Records the response head and wraps the body. Buffers borrowed from hyper are released here,
    /// before the response is sent.
    ///
    /// Sets Content-Length here, earlier than the router would, so that the journal has it too.
    pub(crate) fn follow(mut self, response: &mut Response) {
        let Some(mut open_exchange) = self.take_open() else { return };
        let exact = response.body().size_hint().exact();
        // The length of a 304 would be that of the file that is not sent.
        let has_length = response.status() != StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        if let Some(length) = exact
            && has_length
            && !headers.contains_key(CONTENT_LENGTH)
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        open_exchange.note_response(response.status(), response.headers());
        // hyper does not poll such a body, so the exchange is finished here.
        if self.incoming.parts.method == Method::HEAD || exact == Some(0) {
            open_exchange.finish(0, true, None);
            return;
        }
        let body = std::mem::take(response.body_mut());
        *response.body_mut() = Body::new(RecordedBody::new(body, open_exchange, json));
    }

    fn take_open(&mut self) -> Option<OpenExchange> {
        let Pending { session, entry, epoch, started } = self.pending.take()?;
        let finished = FinishedExchange::begin(entry.spare, &self.incoming, epoch, started);
        Some(OpenExchange { session, seq: entry.seq, finished: Some(finished) })
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        drop(self.take_open());
    }
}
