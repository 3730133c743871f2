//! The TCP socket with tokio's I/O traits: the bottom of the stack, below TLS.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::ConnectionHandle;
use super::sendfile::SendfileBytes;

/// An adapter that reads and writes the connection's socket while the handle has it.
pub(super) struct Socket(ConnectionHandle);

impl Socket {
    pub(super) fn new(connection: ConnectionHandle) -> Self {
        Self(connection)
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.with(|tcp| tcp.poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0.with(|tcp| tcp.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TCP has nothing to flush: written bytes are in the kernel already.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.with(|tcp| tcp.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.with_offer(|tcp, offer| match ready!(poll_send_offered(&tcp, offer, cx, bufs)) {
            Some(sent) => Poll::Ready(Ok(sent)),
            None => tcp.poll_write_vectored(cx, bufs),
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

/// Sends the first buffer that belongs to the offered bytes, with the buffers before it. Returns
/// the number of bytes sent, or `None` if everything has to be written as usual.
fn poll_send_offered(
    tcp: &TcpStream,
    offer: &mut Option<SendfileBytes>,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<Option<usize>> {
    let Some(offered) = offer else { return Poll::Ready(None) };
    let Some(index) = bufs.iter().position(|buf| offered.contains(buf)) else { return Poll::Ready(None) };
    let (before, piece) = (&bufs[..index], &*bufs[index]);
    let sent = ready!(offered.poll_send(tcp, cx, before, piece));
    let all = before.iter().map(|buf| buf.len()).sum::<usize>() + piece.len();
    let is_done = sent.as_ref().is_ok_and(|sent| *sent == all) && offered.ends_with(piece);
    // After an error the bytes are written as usual, which meets the socket's error again.
    if is_done || sent.is_err() {
        *offer = None;
    }
    Poll::Ready(sent.ok())
}
