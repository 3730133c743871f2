//! A body that counts its bytes as they are sent. It copies nothing, and its size hint is that of
//! the inner body.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::open_exchange::OpenExchange;
use crate::body::Body;

/// The maximum size of a body that the journal keeps, in bytes.
const MAX_KEPT_BYTES: usize = 64 << 10;

/// A response body that finishes its exchange when it ends.
pub(super) struct RecordedBody {
    body: Body,
    open_exchange: OpenExchange,
    sent: u64,
    /// The length, if the body declares one.
    length: Option<u64>,
    /// Is true if the body's content type is one that the journal keeps.
    is_kept_kind: bool,
    kept: Option<Bytes>,
}

impl RecordedBody {
    pub(super) fn new(body: Body, open_exchange: OpenExchange, is_kept_kind: bool) -> Self {
        let length = body.size_hint().exact();
        Self { body, open_exchange, sent: 0, length, is_kept_kind, kept: None }
    }

    fn finish(&mut self, whole: bool) {
        let kept = self.kept.take();
        self.open_exchange.finish(self.sent, whole, kept);
    }

    /// Counts a piece. A body in one piece is kept as that piece; several pieces are not joined.
    fn note_piece(&mut self, piece: &Bytes) {
        // Cloning `Bytes` copies no data.
        self.kept = (self.is_kept_kind && self.sent == 0 && piece.len() <= MAX_KEPT_BYTES).then(|| piece.clone());
        self.sent += piece.len() as u64;
        // With a declared length, HTTP/1 stops polling once it has every byte.
        if self.length == Some(self.sent) {
            self.finish(true);
        }
    }
}

impl http_body::Body for RecordedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => frame.data_ref().into_iter().for_each(|piece| self.note_piece(piece)),
            Some(Err(_)) => self.finish(false),
            None => {
                let whole = self.length.is_none_or(|length| length == self.sent);
                self.finish(whole);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RecordedBody {
    /// Finishes the exchange as incomplete if the reader stopped before the end.
    fn drop(&mut self) {
        self.finish(false);
    }
}
