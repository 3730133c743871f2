//! The socket as tokio's I/O traits see it: the bottom of the stack, beneath TLS.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::ConnectionHandle;
use super::sendfile::SendfileBytes;

/// Reads and writes the line's socket for as long as the line has it.
pub(super) struct Socket(ConnectionHandle);

impl Socket {
    pub(super) fn new(line: ConnectionHandle) -> Self {
        Self(line)
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
        // TCP has nothing to flush: what was written is the kernel's.
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

/// Sends the first piece that is of what was offered, with what comes before it; tells how many bytes went out, and
/// nothing if all has to be written as it is.
fn poll_send_offered(
    tcp: &TcpStream,
    offer: &mut Option<SendfileBytes>,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<Option<usize>> {
    let Some(offered) = offer else { return Poll::Ready(None) };
    let Some(at) = bufs.iter().position(|buf| offered.holds(buf)) else { return Poll::Ready(None) };
    let (before, piece) = (&bufs[..at], &*bufs[at]);
    let sent = ready!(offered.poll_send(tcp, cx, before, piece));
    let all = before.iter().map(|buf| buf.len()).sum::<usize>() + piece.len();
    let over = sent.as_ref().is_ok_and(|sent| *sent == all) && offered.ends_with(piece);
    // What can't be sent from the mirror is written, and meets there whatever is wrong with the socket.
    if over || sent.is_err() {
        *offer = None;
    }
    Poll::Ready(sent.ok())
}
