//! An exchange that has started but not finished. It finishes with the last byte of its response,
//! or when its client disconnects.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::exchange::FinishedExchange;
use crate::session::Session;

/// A guard for an open exchange. On drop, the exchange finishes as incomplete.
pub(super) struct OpenExchange {
    pub(super) session: Arc<Session>,
    pub(super) seq: u64,
    /// The data of the exchange; taken when it is finished.
    pub(super) finished: Option<Box<FinishedExchange>>,
}

impl OpenExchange {
    /// Records the head of the response.
    pub(super) fn note_response(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(finished) = &mut self.finished {
            finished.status = Some(status);
            finished.heads.add_response(headers);
            finished.answered = Some(Instant::now());
        }
    }

    /// Moves the exchange into the journal. Only the first call has an effect.
    pub(super) fn finish(&mut self, bytes: u64, whole: bool, body: Option<Bytes>) {
        let Some(mut finished) = self.finished.take() else { return };
        (finished.bytes, finished.whole, finished.body) = (bytes, whole, body);
        finished.ended = Instant::now();
        self.session.lock().journal.finish(self.seq, finished);
    }
}

impl Drop for OpenExchange {
    fn drop(&mut self) {
        self.finish(0, false, None);
    }
}
