//! HTTP/2 in plain text, by prior knowledge.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::harness::{TestServer, soon};
use crate::http::Limits;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// Connects a client over `io` that runs in its own task.
pub(super) async fn client(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> SendRequest<Empty<Bytes>> {
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Returns the body of the response for `path`, or `None` if it breaks.
pub(super) async fn ask(client: &mut SendRequest<Empty<Bytes>>, path: &str) -> Option<Bytes> {
    let request = Request::get(format!("http://x{path}")).body(Empty::new()).unwrap();
    let answer = soon(client.send_request(request)).await.ok()?;
    Some(soon(answer.into_body().collect()).await.ok()?.to_bytes())
}

#[tokio::test]
async fn a_client_with_prior_knowledge_is_served() {
    let server = TestServer::new().await;
    let mut client = client(server.connect().await.0).await;
    assert_eq!(ask(&mut client, "/one").await.unwrap(), "/one");
    assert_eq!(ask(&mut client, "/big/1000000").await.unwrap().len(), 1_000_000);
}

#[tokio::test]
async fn a_preface_in_pieces_is_recognised() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.0.set_nodelay(true).unwrap();
    for byte in PREFACE.iter().chain(SETTINGS) {
        client.send([*byte]).await;
        tokio::task::yield_now().await;
    }
    let mut header = [0; 9];
    soon(client.0.read_exact(&mut header)).await.unwrap();
    assert_eq!(header[3], 4, "the server's own SETTINGS come first");
}

/// The limit has to pass: 0.3 s.
#[tokio::test]
async fn a_head_is_limited_in_time_and_waiting_is_not() {
    let server = TestServer::with_head_in(100).await;
    let mut idle = client(server.connect().await.0).await;
    ask(&mut idle, "/one").await.unwrap();
    for begun in [&[][..], &[0, 0], &[0, 0, 9, 1, 0, 0, 0, 0, 1, 0]] {
        let mut client = server.connect().await;
        let greeting = if begun.is_empty() { PREFACE.to_vec() } else { [PREFACE, SETTINGS, begun].concat() };
        let start = Instant::now();
        client.send(greeting).await;
        client.rest().await;
        assert!(start.elapsed() >= Duration::from_millis(80), "{begun:?}");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    ask(&mut idle, "/two").await.unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = TestServer::with(Limits { max_head_bytes: 4096, ..Limits::default() }, None).await;
    let mut client = client(server.connect().await.0).await;
    let request = Request::get("http://x/").header("long", "x".repeat(5000)).body(Empty::new()).unwrap();
    let answer = soon(client.send_request(request)).await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 431));
    assert_eq!(ask(&mut client, "/next").await.unwrap(), "/next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_body_breaks_its_own_stream_only() {
    let server = TestServer::new().await;
    let mut client = client(server.connect().await.0).await;
    for _ in 0..50 {
        let request = Request::get("http://x/cut/1000/chunked").body(Empty::new()).unwrap();
        let mut body = soon(client.send_request(request)).await.unwrap().into_body();
        let mut seen = 0;
        while let Some(Ok(frame)) = soon(body.frame()).await {
            seen += frame.into_data().unwrap().len();
        }
        assert_eq!(seen, 1000);
    }
    assert_eq!(ask(&mut client, "/next").await.unwrap(), "/next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_and_a_close_end_every_stream() {
    let server = TestServer::new().await;
    for path in ["/reset", "/close"] {
        let mut client = client(server.connect().await.0).await;
        let mut other = client.clone();
        let held = tokio::spawn(async move { ask(&mut other, "/hold").await });
        soon(server.arrived.acquire()).await.unwrap().forget();
        assert_eq!(ask(&mut client, path).await, None);
        assert_eq!(soon(held).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_panic_ends_its_own_stream_and_shutdown_waits_for_the_others() {
    let mut server = TestServer::new().await;
    let mut client = client(server.connect().await.0).await;
    assert_eq!(ask(&mut client, "/panic").await, None);
    let mut other = client.clone();
    let held = tokio::spawn(async move { ask(&mut other, "/hold").await });
    soon(server.arrived.acquire()).await.unwrap().forget();
    server.begin_shutdown();
    server.go_on.add_permits(1);
    assert_eq!(soon(held).await.unwrap().unwrap(), "/hold");
    let ended = server.end().await;
    assert_eq!((ended.panics, ended.cut_off), (1, 0));
}
