//! Sends deliveries over HTTP/1.1, to this machine only, and follows no redirect.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Frame};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::delivery::Delivery;
use crate::receiver::running::ReceiverUrl;

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 64 << 10;

/// The size of a chunk of a body that is sent without a length.
const CHUNK: usize = 64;

/// The address of a receiver.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    /// The value of `Host`.
    pub(super) authority: String,
    pub(super) path: String,
}

impl Target {
    /// Returns the address of a receiver on this machine.
    pub(super) fn local(port: u16, path: &str) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { address, authority: address.to_string(), path: path.to_owned() }
    }
}

impl From<&ReceiverUrl> for Target {
    fn from(url: &ReceiverUrl) -> Self {
        Self { address: url.address, authority: url.authority.clone(), path: url.path.clone() }
    }
}

/// The answer of a receiver.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Its headers and the beginning of its body.
    pub(super) text: Vec<u8>,
    /// Is true if the connection ends with it.
    pub(super) closes: bool,
}

/// A connection to a receiver.
#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<BoxBody<Bytes, io::Error>>,
    task: JoinHandle<()>,
}

impl Connection {
    /// Opens a connection that writes the names of headers as `X-Crewpass-Signature`, or in lower case.
    pub(super) async fn open(target: &Target, lower_case: bool) -> io::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        let (sender, connection) = Builder::new()
            .title_case_headers(!lower_case)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let task = tokio::spawn(async move {
            // The request that fails with it gets the error.
            let _ = connection.await;
        });
        Ok(Self { sender, task })
    }

    /// Sends one delivery and reads the answer.
    pub(super) async fn send(&mut self, target: &Target, delivery: &Delivery) -> io::Result<Reply> {
        self.sender.ready().await.map_err(|error| plain(&error))?;
        let response = self.sender.send_request(request(target, delivery)?).await.map_err(|error| plain(&error))?;
        let (head, body) = response.into_parts();
        let closes = head.headers.get(CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
        let mut text = header_text(&head.headers).into_bytes();
        // A longer body, or one that breaks off, is read as far as it goes.
        let body = Limited::new(body, LONGEST_ANSWER).collect().await;
        let is_whole = body.is_ok();
        text.extend(body.map(http_body_util::Collected::to_bytes).unwrap_or_default());
        Ok(Reply { status: head.status.as_u16(), text, closes: closes || !is_whole })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn header_text(headers: &HeaderMap) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text
}

/// Returns the reason of a failure in words that do not depend on the library.
fn plain(error: &hyper::Error) -> io::Error {
    let text = if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        "the connection was closed before an answer"
    } else if error.is_parse() {
        "the answer is not HTTP"
    } else {
        "the connection broke"
    };
    io::Error::other(text)
}

fn request(target: &Target, delivery: &Delivery) -> io::Result<Request<BoxBody<Bytes, io::Error>>> {
    let body = Bytes::from(delivery.body.clone());
    let has_no_body = matches!(delivery.method, Method::GET | Method::HEAD);
    let body = match (has_no_body, delivery.chunked) {
        (true, _) => Full::default().map_err(|never| match never {}).boxed(),
        (false, true) => Pieces(body).boxed(),
        (false, false) => Full::new(body).map_err(|never| match never {}).boxed(),
    };
    let mut request = Request::new(body);
    *request.method_mut() = delivery.method.clone();
    *request.uri_mut() = http::Uri::try_from(target.path.as_str()).map_err(io::Error::other)?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&target.authority).map_err(io::Error::other)?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(delivery.content_type));
    headers.insert(USER_AGENT, HeaderValue::from_static("CrewPass-Webhooks/1"));
    let fields: [(&'static str, Option<&[u8]>); 5] = [
        ("x-crewpass-event-id", Some(delivery.event_id.as_bytes())),
        ("x-crewpass-event-type", Some(delivery.event_type.as_bytes())),
        ("x-crewpass-timestamp", delivery.timestamp.as_deref().map(str::as_bytes)),
        ("x-crewpass-signature", delivery.signature.as_deref()),
        ("x-crewpass-schema-version", Some(b"1")),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value).map_err(io::Error::other)?);
        }
    }
    Ok(request)
}

/// A chunked body, without a `Content-Length`.
struct Pieces(Bytes);

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let length = self.0.len().min(CHUNK);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.0.split_to(length)))))
    }
}
