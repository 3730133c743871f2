//! Sends one delivery. The connection goes to an allowed address, follows no redirect and ends after the answer's head.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::alteration::SignedDelivery;
use super::callback::CallbackUrl;
use super::delivery::Outcome;
use super::resolve::AllowedTargets;
use super::slow_stream::SlowStream;

/// The time in which a callback has to answer (D).
const TIMEOUT: Duration = Duration::from_secs(10);

/// The size of a chunk of a body that is sent without a length.
const CHUNK: usize = 64;

/// Sends a delivery and returns the status of the answer, or why there is none.
pub(super) async fn send(url: &CallbackUrl, delivery: SignedDelivery, allowed: &AllowedTargets) -> Outcome {
    // The time of slow headers is the sender's own.
    match timeout(TIMEOUT + delivery.slow_headers, deliver(url, delivery, allowed)).await {
        Ok(Ok(answer)) => {
            Outcome::Answered { status: answer.status(), retry_after: retry_after(answer.headers(), SystemTime::now()) }
        }
        Ok(Err(error)) => Outcome::Failed(error.to_string()),
        Err(_) => Outcome::Failed(format!("no answer within {} s", TIMEOUT.as_secs())),
    }
}

async fn deliver(
    url: &CallbackUrl,
    delivery: SignedDelivery,
    allowed: &AllowedTargets,
) -> io::Result<Response<Incoming>> {
    let addresses = allowed.resolve(url).await?;
    let stream = TcpStream::connect(&*addresses).await?;
    if url.is_https() {
        let stream = allowed.trust.connect(url.host(), stream).await?;
        exchange(stream, url, delivery).await
    } else {
        exchange(stream, url, delivery).await
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    url: &CallbackUrl,
    delivery: SignedDelivery,
) -> io::Result<Response<Incoming>> {
    let stream = SlowStream::new(stream, delivery.slow_headers);
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    let request = request(url, delivery)?;
    let sending = sender.send_request(request);
    tokio::pin!(connection, sending);
    // The connection is dropped with this future, so that a body without an end costs nothing.
    let response = tokio::select! {
        response = &mut sending => response,
        // The answer may have come with the end of the connection, however that ends.
        ended = &mut connection => sending.await.map_err(|error| ended.err().unwrap_or(error)),
    };
    response.map_err(|error| io::Error::other(reason(&error)))
}

/// Returns the wait that `Retry-After` asks for: seconds, or a date in real time (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, real: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large is a wait without an end.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(real).unwrap_or_default())
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
    let SignedDelivery { headers, body, chunked, slow_headers: _ } = delivery;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Mon, 08 Jun 2026 10:00:00 GMT").unwrap();
        let read = |text: &str| {
            let headers = [(RETRY_AFTER, HeaderValue::from_str(text).unwrap())].into_iter().collect();
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!([read("0"), read("120"), read("99999999999999999999")], [Some(0), Some(120), Some(u64::MAX)]);
        assert_eq!([read("Mon, 08 Jun 2026 10:01:00 GMT"), read("Mon, 08 Jun 2026 09:00:00 GMT")], [Some(60), Some(0)]);
        assert_eq!(
            [read("soon"), read("-1"), read("1.5"), read(""), retry_after(&HeaderMap::new(), now).map(|_| 0)],
            [None; 5]
        );
    }
}
