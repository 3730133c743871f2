//! The plaintext stream that hyper reads and writes, observed for heads and flushes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::ConnectionHandle;
use super::frame_tracker::FrameTracker;

/// A stream that first replays the bytes read for protocol detection, and reports reads and flushes
/// to its connection handle.
pub(super) struct ObservedStream<I> {
    io: I,
    already_read: Bytes,
    frame_tracker: Option<FrameTracker>,
    connection: ConnectionHandle,
}

impl<I> ObservedStream<I> {
    /// Wraps `io`. `already_read` are bytes already read from it; `frame_tracker` is set if the
    /// client speaks HTTP/2.
    pub(super) fn new(
        io: I,
        already_read: Bytes,
        frame_tracker: Option<FrameTracker>,
        connection: ConnectionHandle,
    ) -> Self {
        Self { io, already_read, frame_tracker, connection }
    }

    fn note_read(&mut self, bytes: &[u8]) {
        match &mut self.frame_tracker {
            None => self.connection.head().note_read(bytes),
            Some(frame_tracker) => {
                frame_tracker.feed(bytes);
                self.connection.head().set_open(frame_tracker.open_head());
            }
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for ObservedStream<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if self.already_read.is_empty() {
            ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        } else {
            // hyper must parse the bytes that protocol detection consumed.
            let n = self.already_read.len().min(buf.remaining());
            buf.put_slice(&self.already_read.split_to(n));
        }
        self.note_read(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for ObservedStream<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper calls this once its own buffer is empty.
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        self.connection.note_flush();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    // Without these two methods, hyper would copy every body into one buffer behind its head.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
