//! Bodies that are cut off, stalled, or sent a few bytes at a time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep, timeout};

use super::super::file_body::Once;
use crate::body::Body;
use crate::fault::{CutHow, Drip, LONGEST};
use crate::http::{ConnectionHandle, Flushed};

type PolledFrame = Poll<Option<Result<Frame<Bytes>, BoxError>>>;

/// The end of a body that is not sent whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The connection ends.
    Cut(CutHow),
    /// Nothing more is sent.
    Stall,
}

/// A body that ends after `left` bytes.
pub(super) struct Broken {
    pub(super) inner: Body,
    pub(super) left: u64,
    pub(super) end: End,
    pub(super) line: ConnectionHandle,
    pub(super) flushed: Option<Flushed>,
    /// The wait of a stalled body, from its first poll on.
    pub(super) stalled: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Broken {
    fn finish(&mut self, cx: &mut Context<'_>) -> PolledFrame {
        let line = self.line.clone();
        // The connection may end only after the bytes are sent; a stalled body must not hold them back either.
        ready!(Pin::new(self.flushed.get_or_insert_with(|| line.flushed())).poll(cx));
        match self.end {
            End::Cut(CutHow::Fin) => line.close(),
            End::Cut(CutHow::Reset) => line.reset(),
            End::Stall => {
                let left = line.clone();
                // Either way the connection ends then.
                let wait = async move { drop(timeout(LONGEST, left.client_left()).await) };
                ready!(self.stalled.get_or_insert_with(|| Box::pin(wait)).as_mut().poll(cx));
                line.close();
            }
        }
        broken_off()
    }
}

fn broken_off() -> PolledFrame {
    Poll::Ready(Some(Err("a fault broke this body off".into())))
}

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        if self.left == 0 {
            return self.finish(cx);
        }
        match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Ok(frame)) => {
                let Ok(mut bytes) = frame.into_data() else { return self.finish(cx) };
                let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                bytes.truncate(length);
                self.left -= length as u64;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => {
                self.left = 0;
                self.finish(cx)
            }
        }
    }

    /// Returns no length: the header states it, or nothing does.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// The first bytes of a body, sent as if they were all.
pub(super) struct First {
    pub(super) inner: Body,
    pub(super) left: u64,
}

impl http_body::Body for First {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| {
                let mut bytes = frame.into_data().unwrap_or_default();
                bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left -= bytes.len() as u64;
                Frame::data(bytes)
            })
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A body of unknown length, which HTTP/1.1 sends in chunks.
pub(super) struct WithoutLength(pub(super) Body);

impl http_body::Body for WithoutLength {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        Pin::new(&mut self.0).poll_frame(cx)
    }
}

/// A body that is sent a few bytes at a time.
pub(super) struct Drips {
    pub(super) inner: Body,
    pub(super) drip: Drip,
    pub(super) held: Bytes,
    pub(super) pause: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for Drips {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        while self.held.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => self.held = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
        }
        self.pause = Some(Box::pin(sleep(self.drip.every)));
        let length = usize::try_from(self.drip.bytes).unwrap_or(usize::MAX).min(self.held.len());
        Poll::Ready(Some(Ok(Frame::data(self.held.split_to(length)))))
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.inner.size_hint().exact();
        rest.map_or_else(SizeHint::default, |rest| SizeHint::with_exact(rest + self.held.len() as u64))
    }
}

/// A body whose last byte spends a link that works once; one that breaks off frees the link.
pub(super) struct SpendsLink {
    pub(super) inner: Body,
    pub(super) once: Once,
}

impl http_body::Body for SpendsLink {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        // With a length, hyper does not poll again after the last byte.
        let last = frame.is_none() || self.inner.size_hint().exact() == Some(0);
        if last && !matches!(frame, Some(Err(_))) {
            self.once.spend();
        }
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
