//! One connection from its first byte to its last: handshake, protocol, hyper, a clean end.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
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
use super::frame_tracker::{FrameTracker, PREFACE_LEN};
use super::header_names::HeaderNames;
use super::observed_stream::ObservedStream;
use super::server_context::ServerContext;
use super::socket::Socket;
use super::tls_config;
use super::traffic::Traffic;

/// The preface that starts every HTTP/2 connection.
const PREFACE: &[u8; PREFACE_LEN] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The time that a client which is still sending has after the response, so that it gets to read
/// it.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// The HTTP version that a client speaks.
enum Protocol {
    Http1,
    Http2,
}

/// Serves one connection. Its errors concern only this client, so none is returned.
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
    let _open = OpenConnection(Arc::clone(&server.traffic));
    let deadline = Deadline::new(Instant::now(), server.limits.header_timeout);
    let Ok(local) = tcp.local_addr() else { return };
    // Without `nodelay`, a response in two writes waits for the client's delayed acknowledgement.
    // If it can't be set, responses are only slower.
    let _ = tcp.set_nodelay(true);
    let connection = ConnectionHandle::new(tcp);
    let guard = FinishOnDrop(connection.clone());
    let is_bound_to_loopback = server.is_bound_to_loopback;
    let (tls, host) = (server.tls.is_some(), OnceLock::new());
    let peer = Arc::new(Peer { number, local, remote, tls, is_bound_to_loopback, host, connection });
    if run_connection(&peer, deadline, &server).await {
        drain_unread(guard).await;
    }
}

/// Opens the connection and runs HTTP on it. Returns true if the client may still be sending.
async fn run_connection<S, F, B>(peer: &Arc<Peer>, deadline: Deadline, server: &ServerContext<S>) -> bool
where
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut socket = Socket::new(peer.connection.clone());
    let first = deadline.first_head();
    if let Some(config) = &server.tls {
        let Some((io, is_http2)) = with_deadline(first, server, tls_config::accept(config, socket)).await else {
            return false;
        };
        server.traffic.note_encrypted();
        let protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
        run(io, protocol, Bytes::new(), peer, deadline, server).await
    } else {
        let Some((protocol, read)) = with_deadline(first, server, detect_protocol(&mut socket)).await else {
            return false;
        };
        run(socket, protocol, read, peer, deadline, server).await
    }
}

/// Runs one step of the opening. Returns `None` on an error, at the deadline, and on shutdown.
async fn with_deadline<S, T>(
    deadline: Instant,
    server: &ServerContext<S>,
    step: impl Future<Output = io::Result<T>>,
) -> Option<T> {
    tokio::select! {
        biased;
        done = timeout_at(deadline, step) => done.ok()?.ok(),
        () = server.shutdown.wait() => None,
    }
}

/// Reads just enough to tell HTTP/2 from HTTP/1: usually one read, of 24 bytes.
///
/// The bytes are read, not peeked at: a peek that returns the same two bytes again and again can't
/// wait for the third.
async fn detect_protocol(socket: &mut Socket) -> io::Result<(Protocol, Bytes)> {
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

/// Runs hyper on the connection.
///
/// `pipeline_flush` stays off: with it, hyper copies every body behind its head and does not flush
/// while another request is queued, so a body that waits for a flush would never get one. Pipelined
/// requests are answered in order anyway.
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
    let (connection, limits) = (&peer.connection, &server.limits);
    let (service_peer, service) = (Arc::clone(peer), server.service.clone());
    let (traffic, first) = (Arc::clone(&server.traffic), AtomicBool::new(true));
    let respond = service_fn(move |request: Request<Incoming>| {
        if first.swap(false, Ordering::Relaxed) {
            traffic.note_request();
        }
        service_peer.connection.head().note_request(!request.body().is_end_stream());
        service(Arc::clone(&service_peer), request)
    });
    match protocol {
        Protocol::Http1 => {
            if !peer.tls {
                connection.enable_offers();
            }
            let io = TokioIo::new(ObservedStream::new(io, read, None, connection.clone()));
            let mut http = http1::Builder::new();
            // A client that shuts down its side after its request still gets its response.
            http.half_close(true).max_header_size(limits.max_head_bytes);
            http.title_case_headers(server.header_names == HeaderNames::TitleCase);
            http.timer(HeadTimer::new(connection.clone())).header_read_timeout(limits.header_timeout);
            // Setting it, even to the default, makes hyper allocate for each request.
            if limits.max_headers != super::limits::HYPER_MAX_HEADERS {
                http.max_headers(limits.max_headers);
            }
            drive(http.serve_connection(io, respond), connection, &server.shutdown, deadline).await
        }
        Protocol::Http2 => {
            let io = TokioIo::new(ObservedStream::new(io, read, Some(FrameTracker::new()), connection.clone()));
            let streams = Streams::new(Arc::clone(&server.panics));
            let _end = StreamsEnd(streams.clone());
            let mut http = http2::Builder::new(streams);
            http.max_header_list_size(u32::try_from(limits.max_head_bytes).unwrap_or(u32::MAX));
            drive(http.serve_connection(io, respond), connection, &server.shutdown, deadline).await
        }
    }
}

/// Closes the server's side and reads on for a while. Closing a socket with unread bytes sends a
/// RST, and a client that gets a RST while it is still sending may never read the response.
async fn drain_unread(guard: FinishOnDrop) {
    let Some(mut tcp) = guard.0.take() else { return };
    let _ = SockRef::from(&tcp).shutdown(Shutdown::Write);
    let mut buffer = vec![0; 16 * 1024];
    let drained = async { while tcp.read(&mut buffer).await.is_ok_and(|n| n > 0) {} };
    // The connection ends here, drained or not.
    let _ = timeout(DRAIN_TIMEOUT, drained).await;
}

/// A guard that closes the socket when the connection's task ends in any way, also by a panic: a
/// handle kept elsewhere must not hold the socket open.
struct FinishOnDrop(ConnectionHandle);

impl Drop for FinishOnDrop {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// A guard that counts the end of a connection, however it ends.
struct OpenConnection(Arc<Traffic>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.note_ended();
    }
}
