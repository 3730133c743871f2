//! One connection from its first byte to its last: handshake, protocol, hyper, a clean end.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::{ConnectionHandle, Peer};
use super::deadline::{Deadline, HeadTimer};
use super::drive::{Streams, StreamsEnd, drive};
use super::frames::{Frames, PREFACE_LEN};
use super::server_context::ServerContext;
use super::socket::Socket;
use super::tap::Tap;
use super::tls_config;

/// How an HTTP/2 client begins.
const PREFACE: &[u8; PREFACE_LEN] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a client that is still sending may go on after the answer, unread, so that it gets to read it.
const LINGER: Duration = Duration::from_secs(2);

/// Which HTTP a client speaks.
enum Protocol {
    Http1,
    Http2,
}

/// Serves one connection. What ends it is nobody's error.
pub(super) async fn serve_connection<S, F, B>(
    tcp: TcpStream,
    remote: SocketAddr,
    number: u64,
    server: Arc<ServerContext<S>>,
) where
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let deadline = Deadline::new(Instant::now(), server.limits.header_timeout);
    let Ok(local) = tcp.local_addr() else { return };
    // Without it, an answer in two writes waits for the client's delayed acknowledgement. Failing, it is only slower.
    let _ = tcp.set_nodelay(true);
    let line = ConnectionHandle::new(tcp);
    let held = Held(line.clone());
    let peer = Arc::new(Peer { number, local, remote, tls: server.tls.is_some(), line });
    if talk(&peer, deadline, &server).await {
        linger(held).await;
    }
}

/// Opens the connection and runs HTTP on it; tells whether the client may still be sending.
async fn talk<S, F, B>(peer: &Arc<Peer>, deadline: Deadline, server: &ServerContext<S>) -> bool
where
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut socket = Socket::new(peer.line.clone());
    let first = deadline.first();
    if let Some(config) = &server.tls {
        let Some((io, is_http2)) = in_time(first, server, tls_config::accept(config, socket)).await else {
            return false;
        };
        server.traffic.note_encrypted();
        let protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
        run(io, protocol, Bytes::new(), peer, deadline, server).await
    } else {
        let Some((protocol, read)) = in_time(first, server, sniff(&mut socket)).await else { return false };
        run(socket, protocol, read, peer, deadline, server).await
    }
}

/// Runs a step of the opening; it ends without a result at the deadline, and when the server stops.
async fn in_time<S, T>(
    deadline: Instant,
    server: &ServerContext<S>,
    step: impl Future<Output = io::Result<T>>,
) -> Option<T> {
    tokio::select! {
        biased;
        done = timeout_at(deadline, step) => done.ok()?.ok(),
        () = server.stop.wait() => None,
    }
}

/// Reads as little as tells HTTP/2 from HTTP/1: usually one read, of 24 bytes.
///
/// The bytes are read, not peeked at: a peek that gives the same two bytes again and again can't wait for the third.
async fn sniff(socket: &mut Socket) -> io::Result<(Protocol, Bytes)> {
    let mut read = [0; PREFACE_LEN];
    let mut have = 0;
    while have < PREFACE_LEN && PREFACE.starts_with(&read[..have]) {
        match socket.read(&mut read[have..]).await? {
            0 => break,
            n => have += n,
        }
    }
    let protocol = if &read == PREFACE { Protocol::Http2 } else { Protocol::Http1 };
    Ok((protocol, Bytes::copy_from_slice(&read[..have])))
}

/// Hands the connection to hyper.
///
/// `pipeline_flush` stays off: it makes hyper copy every body behind its head, and never flush while another request
/// waits, which a body that waits for the flush would wait for in vain. Pipelined requests are answered in order anyway.
async fn run<I, S, F, B>(
    io: I,
    protocol: Protocol,
    read: Bytes,
    peer: &Arc<Peer>,
    deadline: Deadline,
    server: &ServerContext<S>,
) -> bool
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (line, limits) = (&peer.line, &server.limits);
    let (with, service) = (Arc::clone(peer), server.service.clone());
    let (traffic, first) = (Arc::clone(&server.traffic), AtomicBool::new(true));
    let answer = service_fn(move |request: Request<Incoming>| {
        if first.swap(false, Ordering::Relaxed) {
            traffic.note_asked();
        }
        with.line.head().note_request(!request.body().is_end_stream());
        service(Arc::clone(&with), request)
    });
    match protocol {
        Protocol::Http1 => {
            if !peer.tls {
                line.take_offers();
            }
            let io = TokioIo::new(Tap::new(io, read, None, line.clone()));
            let mut http = http1::Builder::new();
            // A client that has sent its request and shuts down its side still gets its answer.
            http.half_close(true).max_header_size(limits.max_head_bytes);
            http.timer(HeadTimer::new(line.clone())).header_read_timeout(limits.header_timeout);
            if limits.max_headers != super::limits::HYPER_MAX_HEADERS {
                http.max_headers(limits.max_headers);
            }
            drive(http.serve_connection(io, answer), line, &server.stop, deadline).await
        }
        Protocol::Http2 => {
            let io = TokioIo::new(Tap::new(io, read, Some(Frames::new()), line.clone()));
            let streams = Streams::new(Arc::clone(&server.panics));
            let _end = StreamsEnd(streams.clone());
            let mut http = http2::Builder::new(streams);
            http.max_header_list_size(u32::try_from(limits.max_head_bytes).unwrap_or(u32::MAX));
            drive(http.serve_connection(io, answer), line, &server.stop, deadline).await
        }
    }
}

/// Ends our side and reads on for a while. To close a socket with unread bytes sends a RST, and a client that meets it
/// while it still sends may never read the answer that is already there.
async fn linger(held: Held) {
    let Some(mut tcp) = held.0.take() else { return };
    let _ = SockRef::from(&tcp).shutdown(Shutdown::Write);
    let mut scrap = vec![0; 16 * 1024];
    let drained = async { while tcp.read(&mut scrap).await.is_ok_and(|n| n > 0) {} };
    // Time out or not, this is the end.
    let _ = timeout(LINGER, drained).await;
}

/// Closes the socket when the connection's task ends, in whatever way: a line kept elsewhere must not hold it open.
struct Held(ConnectionHandle);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.finish();
    }
}
