//! The host of a request over HTTP/2: `:authority`, and perhaps `Host`.

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::api::wire::{bearer, link_path, starter};

/// Sends one request as h2 lets it be written, and returns the status and the body.
async fn ask(address: std::net::SocketAddr, request: Request<Empty<bytes::Bytes>>) -> (StatusCode, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_authority_decides_and_must_be_valid() {
    let fake = starter(&[]).await;
    let key = bearer(&fake, "full").split_once(": ").unwrap().1.to_owned();
    let request = |authority: &str, host: Option<&str>| {
        let request = Request::get(format!("http://{authority}{}", link_path("doc_1"))).header("authorization", &key);
        host.iter().fold(request, |request, host| request.header("host", *host)).body(Empty::new()).unwrap()
    };
    let (status, body) = ask(fake.address(), request("fake.test:1", None)).await;
    assert!(status == 200 && body.contains("\"http://fake.test:1/api"), "{status} {body}");
    assert_eq!(ask(fake.address(), request("fake.test", Some("FAKE.test"))).await.0, 200);
    assert_eq!(ask(fake.address(), request("fake.test", Some("other.test"))).await.0, 400);
    assert_eq!(ask(fake.address(), request("fake.test:99999", None)).await.0, 400);
}
