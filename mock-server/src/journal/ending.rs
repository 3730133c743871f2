//! The end of an exchange, which comes with the last byte of its answer or when its client is gone.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::exchange::Over;
use crate::session::Session;

/// What is kept of an exchange until it is over. Dropped, it ends unfinished.
pub(super) struct Ending {
    pub(super) session: Arc<Session>,
    pub(super) seq: u64,
    /// Taken when it is over.
    pub(super) over: Option<Box<Over>>,
}

impl Ending {
    /// The head of its answer is known.
    pub(super) fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(over) = &mut self.over {
            over.status = Some(status);
            over.heads.add_response(headers);
            over.answered = Some(Instant::now());
        }
    }

    /// Moves the exchange into the journal; only the first call counts.
    pub(super) fn over(&mut self, bytes: u64, whole: bool, body: Option<Bytes>) {
        let Some(mut over) = self.over.take() else { return };
        (over.bytes, over.whole, over.body) = (bytes, whole, body);
        over.ended = Instant::now();
        self.session.lock().journal.finish(self.seq, over);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.over(0, false, None);
    }
}
