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

use crate::http::{ConnectionHandle, Ended, Flushed, Limits, Peer, SendfileBytes, serve};

/// How long a test waits for what should come at once.
pub(super) const SOON: Duration = Duration::from_mins(2);

type Answer = Response<UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>>;

/// A server that runs until the test stops it.
pub(super) struct Stage {
    pub(super) addr: SocketAddr,
    /// One permit a request for `/hold` that has arrived, or for `/reset-apart` that was given up.
    pub(super) arrived: Arc<Semaphore>,
    /// One permit a held request that may go on.
    pub(super) go_on: Arc<Semaphore>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Ended>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default(), None).await
    }

    /// A server that gives a head `millis` to arrive.
    pub(super) async fn with_head_in(millis: u64) -> Self {
        Self::with(Limits { header_timeout: Duration::from_millis(millis), ..Limits::default() }, None).await
    }

    pub(super) async fn with(limits: Limits, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        Self::sending(limits, tls, SendfileBytes::from(Bytes::new())).await
    }

    /// A server that answers `/these/FRAMING/PIECE` with these bytes.
    pub(super) async fn sending(limits: Limits, tls: Option<Arc<rustls::ServerConfig>>, these: SendfileBytes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (arrived, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let gates = (Arc::clone(&arrived), Arc::clone(&go_on));
        let service = move |peer, request| {
            let ((arrived, go_on), these) = (gates.clone(), these.clone());
            async move { Ok::<_, Infallible>(answer(peer, request, &arrived, &go_on, &these).await) }
        };
        let stopped = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, tls, limits, service, stopped));
        Self { addr, arrived, go_on, stop: Some(stop), server }
    }

    pub(super) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.addr).await.unwrap())
    }

    /// Sends `bytes`, then FIN, and gives all that comes back.
    pub(super) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut client = self.connect().await;
        client.send(bytes).await;
        client.0.shutdown().await.unwrap();
        client.rest().await
    }

    /// Tells the server to stop, without waiting for it.
    pub(super) fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Stops the server, if not done yet, and waits for its end.
    pub(super) async fn end(mut self) -> Ended {
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

    /// Everything until the server ends the connection.
    pub(super) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        soon(self.0.read_to_end(&mut rest)).await.unwrap();
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Reads until `end` has come.
    pub(super) async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            let byte = soon(self.0.read_u8()).await.unwrap_or_else(|error| panic!("{error} after {text:?}"));
            text.push(char::from(byte));
        }
        text
    }

    /// Asks for a path whose answer is the path, on a connection that stays.
    pub(super) async fn ask(&mut self, path: &str) {
        self.send(get(path)).await;
        self.until(&format!("\r\n\r\n{path}")).await;
    }
}

/// A request for `path`.
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
        ["reset"] => peer.line.reset(),
        ["close"] => peer.line.close(),
        ["hold"] => {
            arrived.add_permits(1);
            go_on.acquire().await.unwrap().forget();
        }
        ["reset-apart"] => {
            let _gone = Gone(arrived);
            // Not awaited: its end would wake the connection, which only the reset is to do.
            tokio::spawn(async move { peer.line.reset() });
            std::future::pending::<()>().await;
        }
        ["flushed-apart"] => tokio::spawn(async move { peer.line.flushed().await }).await.unwrap(),
        ["panic"] => panic!("as asked"),
        ["body"] => return whole(request.into_body().collect().await.unwrap().to_bytes()),
        ["tls"] => return whole(peer.tls.to_string()),
        ["remote"] => return whole(peer.remote.to_string()),
        ["big", size] => return whole(vec![b'x'; size.parse().unwrap()]),
        ["these", framing, piece] => return in_pieces(these, framing, piece.parse().unwrap(), &peer.line),
        ["cut", size, framing] => return cut(size.parse().unwrap(), framing, peer.line.clone()),
        _ => {}
    }
    whole(path)
}

/// Adds a permit when a request is given up.
struct Gone<'a>(&'a Semaphore);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

fn whole(bytes: impl Into<Bytes>) -> Answer {
    Response::new(Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync())
}

/// Offers bytes and sends them piece by piece, with their length or as chunks.
fn in_pieces(bytes: &SendfileBytes, framing: &str, piece: usize, line: &ConnectionHandle) -> Answer {
    line.offer(bytes);
    let mut answer = Response::builder();
    if framing == "length" {
        answer = answer.header("content-length", bytes.len());
    }
    answer.body(Pieces { rest: Bytes::clone(bytes), piece }.boxed_unsync()).unwrap()
}

/// A body that tells no length.
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

fn cut(size: usize, framing: &str, line: ConnectionHandle) -> Answer {
    let mut answer = Response::builder();
    if framing == "length" {
        answer = answer.header("content-length", size + 1);
    }
    let bytes = Some(Bytes::from(vec![b'x'; size])).filter(|bytes| !bytes.is_empty());
    answer.body(Cut { bytes, line, flushed: None }.boxed_unsync()).unwrap()
}

/// A body that breaks off after its bytes are out.
struct Cut {
    bytes: Option<Bytes>,
    line: ConnectionHandle,
    flushed: Option<Flushed>,
}

impl Body for Cut {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let line = self.line.clone();
        ready!(Pin::new(self.flushed.get_or_insert_with(|| line.flushed())).poll(cx));
        Poll::Ready(Some(Err("cut".into())))
    }
}
