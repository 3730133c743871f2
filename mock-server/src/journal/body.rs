//! A body that is counted on its way out. It copies nothing, and what it says of its length is what the inner one says.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::ending::Ending;
use crate::body::Body;

/// What is larger is not kept.
const KEPT: usize = 64 << 10;

/// A body with the exchange that ends with it.
pub(super) struct Followed {
    body: Body,
    ending: Ending,
    given: u64,
    /// Its length, if it was told.
    length: Option<u64>,
    /// Whether it is of a kind that is kept.
    keep: bool,
    kept: Option<Bytes>,
}

impl Followed {
    pub(super) fn new(body: Body, ending: Ending, keep: bool) -> Self {
        let length = body.size_hint().exact();
        Self { body, ending, given: 0, length, keep, kept: None }
    }

    fn over(&mut self, whole: bool) {
        let kept = self.kept.take();
        self.ending.over(self.given, whole, kept);
    }

    /// A body in one piece is kept as that piece; what comes in several is not put together.
    fn take_note(&mut self, piece: &Bytes) {
        self.kept = (self.keep && self.given == 0 && piece.len() <= KEPT).then(|| piece.clone());
        self.given += piece.len() as u64;
        // With a length, HTTP/1 stops asking once it has every byte.
        if self.length == Some(self.given) {
            self.over(true);
        }
    }
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => frame.data_ref().into_iter().for_each(|piece| self.take_note(piece)),
            Some(Err(_)) => self.over(false),
            None => {
                let whole = self.length.is_none_or(|length| length == self.given);
                self.over(whole);
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

impl Drop for Followed {
    /// Whoever reads it stopped before its end.
    fn drop(&mut self) {
        self.over(false);
    }
}
