//! What hyper reads from and writes to: the plaintext stream, with an eye on heads and flushes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::ConnectionHandle;
use super::frames::Frames;

/// A stream that gives back the bytes read to find the protocol, and tells its line what passes.
pub(super) struct Tap<I> {
    io: I,
    first: Bytes,
    frames: Option<Frames>,
    line: ConnectionHandle,
}

impl<I> Tap<I> {
    /// `first` are bytes already read from `io`; `frames` is there when the client speaks HTTP/2.
    pub(super) fn new(io: I, first: Bytes, frames: Option<Frames>, line: ConnectionHandle) -> Self {
        Self { io, first, frames, line }
    }

    fn note_read(&mut self, bytes: &[u8]) {
        match &mut self.frames {
            None => self.line.head().note_read(bytes),
            Some(frames) => {
                frames.feed(bytes);
                self.line.head().set(frames.open());
            }
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Tap<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if self.first.is_empty() {
            ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        } else {
            let n = self.first.len().min(buf.remaining());
            buf.put_slice(&self.first.split_to(n));
        }
        self.note_read(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Tap<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper calls this once its own buffer is empty.
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        self.line.note_flush();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    // Without these two, hyper would copy every body into one buffer behind its head.
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
