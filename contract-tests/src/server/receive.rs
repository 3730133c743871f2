//! One request and its response, within a time limit.

use std::error::Error;
use std::time::Duration;

use crewpass_diagnostics::to_hex;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use reqwest::RequestBuilder;
use sha2::{Digest, Sha256};

use super::question::{Answer, Broken, BrokenKind, Question};
use crate::client::witness::Monitor;
use crewpass_diagnostics::in_seconds;

/// The most bytes of a body that are kept.
const KEPT: usize = 1 << 20;

/// A request before it is sent.
pub(super) struct Outgoing {
    /// The request in the terms of the contract.
    pub(super) question: Question,
    /// The method.
    pub(super) method: Method,
    /// The path, or the URL of a link.
    pub(super) target: String,
    /// The request for the HTTP client.
    pub(super) request: RequestBuilder,
}

/// Sends a request and reads the whole response, for at most `limit` while this process is not suspended.
///
/// The number of the answer is 0 until it is recorded.
pub(super) async fn exchange(outgoing: Outgoing, limit: Duration, monitor: &Monitor) -> Answer {
    let Outgoing { question, method, target, request } = outgoing;
    let mut answer = Answer {
        seq: 0,
        question,
        method: method_name(&method),
        target,
        status: 0,
        headers: HeaderMap::new(),
        body: Vec::new(),
        sha256: String::new(),
        len: 0,
        broken: None,
        at: 0,
        clock_moved: false,
    };
    let received = tokio::select! {
        received = receive(&mut answer, request) => Some(received),
        () = monitor.sleep(limit) => None,
    };
    answer.broken = match received {
        Some(Ok(())) => None,
        Some(Err(error)) => Some(Broken { why: innermost_cause(&error), kind: kind(&error) }),
        None => Some(Broken { why: missing_end(&answer, limit), kind: BrokenKind::Timeout }),
    };
    if answer.broken.is_some() {
        answer.status = 0;
    }
    answer.at = Timestamp::now().as_second();
    answer
}

fn method_name(method: &Method) -> &'static str {
    [(Method::GET, "GET"), (Method::HEAD, "HEAD")]
        .into_iter()
        .find_map(|(known, name)| (*method == known).then_some(name))
        .unwrap_or("POST")
}

/// Returns what is missing of a response whose time is over.
fn missing_end(answer: &Answer, limit: Duration) -> String {
    let seconds = in_seconds(limit);
    if answer.status == 0 {
        return format!("no response within {seconds} s");
    }
    format!("{} bytes of a body, but no end of it, within {seconds} s", answer.len)
}

async fn receive(answer: &mut Answer, request: RequestBuilder) -> Result<(), reqwest::Error> {
    let mut response = request.send().await?;
    answer.status = response.status().as_u16();
    answer.headers = std::mem::take(response.headers_mut());
    let mut hash = Sha256::new();
    while let Some(piece) = response.chunk().await? {
        hash.update(&piece);
        answer.len += piece.len() as u64;
        let room = KEPT.saturating_sub(answer.body.len()).min(piece.len());
        answer.body.extend_from_slice(&piece[..room]);
    }
    answer.sha256 = to_hex(&hash.finalize());
    Ok(())
}

/// Returns an error and its causes, the outermost first; an I/O error may wrap one of another kind.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// Returns the kind of an error by the types of its causes.
fn kind(error: &reqwest::Error) -> BrokenKind {
    let is_tls = causes(error).any(<dyn Error>::is::<rustls::Error>);
    if is_tls { BrokenKind::Tls } else { BrokenKind::Connection }
}

/// Returns the innermost cause of an error; the outer ones repeat the URL.
pub(super) fn innermost_cause(error: &reqwest::Error) -> String {
    match causes(error).last() {
        Some(cause) if !cause.is::<reqwest::Error>() => cause.to_string(),
        _ => "the connection broke off".to_owned(),
    }
}
