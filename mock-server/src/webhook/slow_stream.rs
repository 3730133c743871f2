//! A connection that sends its first bytes, up to the end of the headers, slowly.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The number of pieces that the headers are sent in.
const PIECES: u32 = 10;

/// The end of the headers.
const END: &[u8] = b"\r\n\r\n";

/// A stream that sends the headers of one request in pieces.
#[derive(Debug)]
pub(super) struct SlowStream<S> {
    stream: S,
    /// The wait before each piece.
    pause: Duration,
    /// The bytes of the headers that are still to be sent; `None` before they are known.
    left: Option<usize>,
    /// The largest piece.
    piece: usize,
    sleep: Pin<Box<Sleep>>,
}

impl<S> SlowStream<S> {
    /// Wraps a stream that sends the headers within that time; with none, at once.
    pub(super) fn new(stream: S, time: Duration) -> Self {
        let left = if time.is_zero() { Some(0) } else { None };
        let pause = time / PIECES;
        Self { stream, pause, left, piece: 0, sleep: Box::pin(sleep_until(Instant::now() + pause)) }
    }

    /// Returns the length of the headers that are left. The first write has all of them: a head is written whole.
    fn headers_left(&mut self, bytes: &[u8]) -> usize {
        let length =
            || bytes.windows(END.len()).position(|window| window == END).map_or(bytes.len(), |at| at + END.len());
        let left = *self.left.get_or_insert_with(length);
        if self.piece == 0 {
            self.piece = left.div_ceil(PIECES as usize).max(1);
        }
        left
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for SlowStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SlowStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.headers_left(bytes);
        if left == 0 {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        ready!(self.sleep.as_mut().poll(cx));
        let length = self.piece.min(left).min(bytes.len());
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..length]))?;
        self.left = Some(left.saturating_sub(written));
        let next = self.sleep.deadline() + self.pause;
        self.sleep.as_mut().reset(next);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
