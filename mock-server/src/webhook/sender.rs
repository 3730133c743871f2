//! Sends one delivery. The connection goes to an allowed address, follows no redirect and ends after the answer's head.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::alteration::SignedDelivery;
use super::callback::CallbackUrl;
use super::delivery::Outcome;
use super::resolve::AllowedTargets;

/// The time in which a callback has to answer (D).
const TIMEOUT: Duration = Duration::from_secs(10);

/// The size of a chunk of a body that is sent without a length.
const CHUNK: usize = 64;

/// Sends a delivery and returns the status of the answer, or why there is none.
pub(super) async fn send(url: &CallbackUrl, delivery: SignedDelivery, allowed: &AllowedTargets) -> Outcome {
    match timeout(TIMEOUT, exchange(url, delivery, allowed)).await {
        Ok(Ok(status)) => Outcome::Answered(status),
        Ok(Err(error)) => Outcome::Failed(error.to_string()),
        Err(_) => Outcome::Failed(format!("no answer within {} s", TIMEOUT.as_secs())),
    }
}

async fn exchange(url: &CallbackUrl, delivery: SignedDelivery, allowed: &AllowedTargets) -> io::Result<StatusCode> {
    let addresses = allowed.resolve(url).await?;
    let stream = TcpStream::connect(&*addresses).await?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    let request = request(url, delivery)?;
    let sending = sender.send_request(request);
    tokio::pin!(connection, sending);
    // The connection is dropped with this future, so that a body without an end costs nothing.
    let response = tokio::select! {
        response = &mut sending => response,
        ended = &mut connection => match ended {
            // The answer may have come with the end of the connection.
            Ok(()) => sending.await,
            Err(error) => Err(error),
        },
    };
    Ok(response.map_err(|error| io::Error::other(reason(&error)))?.status())
}

/// Returns why there is no answer, in words that do not depend on the library.
fn reason(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "the connection was closed before an answer".to_owned();
    }
    if error.is_parse() {
        return "the answer is not HTTP".to_owned();
    }
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn request(url: &CallbackUrl, delivery: SignedDelivery) -> io::Result<Request<BoxBody<Bytes, io::Error>>> {
    let SignedDelivery { headers, body, chunked } = delivery;
    let body = Bytes::from(body);
    let body = if chunked { Pieces(body).boxed() } else { Full::new(body).map_err(|never| match never {}).boxed() };
    let target = url.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = target.parse().map_err(io::Error::other)?;
    *request.headers_mut() = headers;
    let host = url.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default();
    request.headers_mut().insert(HOST, HeaderValue::from_str(host).map_err(io::Error::other)?);
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("CrewPass-Webhooks/1"));
    Ok(request)
}

/// A body that is sent in chunks, without a `Content-Length`.
struct Pieces(Bytes);

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let length = self.0.len().min(CHUNK);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.0.split_to(length)))))
    }
}
