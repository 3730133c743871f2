//! The server under test, and clients that write and read plain bytes.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::http::{
    ConnectionHandle, Flushed, HeaderNames, Limits, Peer, SendfileBytes, ServeOutcome, TlsConfig, serve,
};

/// The time limit for steps that should complete at once.
pub(super) const SOON: Duration = Duration::from_mins(2);

type Answer = Response<UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>>;

/// A server that runs until the test stops it.
pub(super) struct TestServer {
    pub(super) addr: SocketAddr,
    /// One permit for each request to `/hold` that has arrived, or to `/reset-apart` that was
    /// dropped.
    pub(super) arrived: Arc<Semaphore>,
    /// One permit for each held request that may continue.
    pub(super) go_on: Arc<Semaphore>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<ServeOutcome>,
}

impl TestServer {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default(), None).await
    }

    /// Starts a server that gives a head `millis` to arrive.
    pub(super) async fn with_head_in(millis: u64) -> Self {
        Self::with(Limits { header_timeout: Duration::from_millis(millis), ..Limits::default() }, None).await
    }

    pub(super) async fn with(limits: Limits, tls: Option<TlsConfig>) -> Self {
        Self::sending(limits, tls, SendfileBytes::from(Bytes::new())).await
    }

    /// Starts a server that answers `/these/FRAMING/PIECE` with these bytes.
    pub(super) async fn sending(limits: Limits, tls: Option<TlsConfig>, these: SendfileBytes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (arrived, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let semaphores = (Arc::clone(&arrived), Arc::clone(&go_on));
        let service = move |peer, request| {
            let ((arrived, go_on), these) = (semaphores.clone(), these.clone());
            async move { Ok::<_, Infallible>(answer(peer, request, &arrived, &go_on, &these).await) }
        };
        let stopped = async {
            let _ = stopped.await;
        };
        let server =
            tokio::spawn(serve(listener, tls, limits, HeaderNames::default(), Arc::default(), service, stopped));
        Self { addr, arrived, go_on, stop: Some(stop), server }
    }

    pub(super) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.addr).await.unwrap())
    }

    /// Sends `bytes`, then FIN, and returns all that comes back.
    pub(super) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut client = self.connect().await;
        client.send(bytes).await;
        client.0.shutdown().await.unwrap();
        client.rest().await
    }

    /// Sends the shutdown signal without waiting for the end.
    pub(super) fn begin_shutdown(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Stops the server, if not done yet, and waits for its end.
    pub(super) async fn end(mut self) -> ServeOutcome {
        drop(self.stop.take());
        soon(self.server).await.unwrap()
    }
}

/// A client of plain bytes.
pub(super) struct Client(pub(super) TcpStream);

impl Client {
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads until the server ends the connection.
    pub(super) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        soon(self.0.read_to_end(&mut rest)).await.unwrap();
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Reads until `end` has arrived.
    pub(super) async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            let byte = soon(self.0.read_u8()).await.unwrap_or_else(|error| panic!("{error} after {text:?}"));
            text.push(char::from(byte));
        }
        text
    }

    /// Requests a path whose response is the path, on a connection that stays open.
    pub(super) async fn ask(&mut self, path: &str) {
        self.send(get(path)).await;
        self.until(&format!("\r\n\r\n{path}")).await;
    }
}

/// Formats a request for `path`.
pub(super) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// Fails a test that would hang.
pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future).await.expect("it should have come at once")
}

async fn answer(
    peer: Arc<Peer>,
    request: Request<Incoming>,
    arrived: &Semaphore,
    go_on: &Semaphore,
    these: &SendfileBytes,
) -> Answer {
    let path = request.uri().path().to_owned();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    match steps[..] {
        ["reset"] => peer.connection.reset(),
        ["close"] => peer.connection.close(),
        ["hold"] => {
            arrived.add_permits(1);
            go_on.acquire().await.unwrap().forget();
        }
        ["reset-apart"] => {
            let _permit = PermitOnDrop(arrived);
            // Not awaited: its end would wake the connection, which only the reset shall do.
            tokio::spawn(async move { peer.connection.reset() });
            std::future::pending::<()>().await;
        }
        ["flushed-apart"] => tokio::spawn(async move { peer.connection.flushed().await }).await.unwrap(),
        ["panic"] => panic!("as asked"),
        ["body"] => return full_body(request.into_body().collect().await.unwrap().to_bytes()),
        ["tls"] => return full_body(peer.tls.to_string()),
        ["remote"] => return full_body(peer.remote.to_string()),
        ["big", size] => return full_body(vec![b'x'; size.parse().unwrap()]),
        ["these", framing, piece] => return in_pieces(these, framing, piece.parse().unwrap(), &peer.connection),
        ["cut", size, framing] => return cut(size.parse().unwrap(), framing, peer.connection.clone()),
        _ => {}
    }
    full_body(path)
}

/// A guard that adds a permit when a request is dropped.
struct PermitOnDrop<'a>(&'a Semaphore);

impl Drop for PermitOnDrop<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

fn full_body(bytes: impl Into<Bytes>) -> Answer {
    Response::new(Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync())
}

/// Offers bytes and sends them piece by piece, with their length or as chunks.
fn in_pieces(bytes: &SendfileBytes, framing: &str, piece: usize, connection: &ConnectionHandle) -> Answer {
    connection.offer(bytes);
    let mut answer = Response::builder();
    if framing == "length" {
        answer = answer.header("content-length", bytes.len());
    }
    answer.body(Pieces { rest: Bytes::clone(bytes), piece }.boxed_unsync()).unwrap()
}

/// A body that declares no length.
struct Pieces {
    rest: Bytes,
    piece: usize,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(piece))))
    }
}

fn cut(size: usize, framing: &str, connection: ConnectionHandle) -> Answer {
    let mut answer = Response::builder();
    if framing == "length" {
        answer = answer.header("content-length", size + 1);
    }
    let bytes = Some(Bytes::from(vec![b'x'; size])).filter(|bytes| !bytes.is_empty());
    answer.body(Cut { bytes, connection, flushed: None }.boxed_unsync()).unwrap()
}

/// A body that fails after its bytes are sent.
struct Cut {
    bytes: Option<Bytes>,
    connection: ConnectionHandle,
    flushed: Option<Flushed>,
}

impl Body for Cut {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let connection = self.connection.clone();
        ready!(Pin::new(self.flushed.get_or_insert_with(|| connection.flushed())).poll(cx));
        Poll::Ready(Some(Err("cut".into())))
    }
}
