//! The end of an exchange, which comes with the last byte of its answer or when its client is gone.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::exchange::FinishedExchange;
use crate::session::Session;

/// EntryKind is kept of an exchange until it is finished. Dropped, it ends unfinished.
pub(super) struct OpenExchange {
    pub(super) session: Arc<Session>,
    pub(super) seq: u64,
    /// Taken when it is finished.
    pub(super) finished: Option<Box<FinishedExchange>>,
}

impl OpenExchange {
    /// The head of its answer is known.
    pub(super) fn note_response(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(finished) = &mut self.finished {
            finished.status = Some(status);
            finished.heads.add_response(headers);
            finished.answered = Some(Instant::now());
        }
    }

    /// Moves the exchange into the journal; only the first call counts.
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
