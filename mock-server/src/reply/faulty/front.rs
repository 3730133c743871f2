//! What a rule does in front of the checks: a status, a redirect, a broken connection, or silence.

use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use http::request::Parts;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::unread;
use crate::body::{Body, Response};
use crate::error;
use crate::fault::{
    Destination, FaultBody, Filling, LONGEST, PreCheckEffect, PreCheckPlan, Redirect, RetryAfterForm, StatusFault,
};
use crate::http::ConnectionHandle;
use crate::request::IncomingRequest;

/// How often a stall looks whether the client is still there.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// Carries out what stands in front of the checks.
pub(crate) async fn front(
    plan: PreCheckPlan,
    IncomingRequest { parts, peer }: &IncomingRequest,
    token: Option<&str>,
    origin: impl FnOnce() -> String,
    now: Timestamp,
) -> Response {
    let front = match plan {
        PreCheckPlan::Hop { status, next } => {
            return redirect(status, &format!("{}{}", origin(), next.on(&path(parts))));
        }
        PreCheckPlan::Do(front) => front,
    };
    match &*front {
        PreCheckEffect::Status(fault) => status(fault, now),
        PreCheckEffect::Redirect(Redirect { status, to }) => {
            let (base, path) = (origin(), path(parts));
            let url = format!("{base}{path}");
            let filling = Filling { base: &base, path: &path, token: token.unwrap_or_default(), url: &url };
            match to {
                Destination::Elsewhere(template) => redirect(*status, &template.fill(filling)),
                Destination::Own | Destination::Chain(_) => redirect(*status, &url),
            }
        }
        PreCheckEffect::Reset => {
            peer.connection.reset();
            unread()
        }
        PreCheckEffect::Close => {
            peer.connection.close();
            unread()
        }
        PreCheckEffect::Stall => {
            stall(&peer.connection).await;
            peer.connection.close();
            unread()
        }
    }
}

/// Waits until the client has left, or nobody would wait any longer.
async fn stall(line: &ConnectionHandle) {
    let end = Instant::now() + LONGEST;
    while Instant::now() < end && !line.has_client_left() {
        sleep(LOOK).await;
    }
}

/// The path that was asked for, with its query. One slash begins it, so that it can't be taken for a host.
fn path(parts: &Parts) -> String {
    let asked = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    format!("/{}", asked.trim_start_matches(['/', '\\']))
}

fn redirect(status: u16, location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn status(fault: &StatusFault, now: Timestamp) -> Response {
    let reason = fault.status.canonical_reason().unwrap_or("Unknown Status");
    let told = format!("{} {reason}", fault.status.as_u16());
    let mut response = match &fault.body {
        FaultBody::Envelope => error::made(fault.status, fault.code, fault.scope, fault.retry_after_seconds),
        FaultBody::Empty => Response::new(Body::empty()),
        FaultBody::Html => of_type(
            "text/html; charset=utf-8",
            format!("<!doctype html>\n<html><head><title>{told}</title></head><body><h1>{told}</h1></body></html>\n"),
        ),
        FaultBody::Text => of_type("text/plain; charset=utf-8", format!("{reason}\n")),
        FaultBody::JsonArray => of_type("application/json", format!("[\"{reason}\"]")),
        FaultBody::Problem => {
            let problem = serde_json::json!({"type": "about:blank", "title": reason, "status": fault.status.as_u16()});
            of_type("application/problem+json", problem.to_string())
        }
        FaultBody::Own { bytes, content_type } => {
            let mut response = Response::new(Body::from(bytes.clone()));
            if let Some(kind) = content_type {
                response.headers_mut().insert(CONTENT_TYPE, kind.clone());
            }
            response
        }
    };
    *response.status_mut() = fault.status;
    if let Some(value) = fault.retry_after.and_then(|form| retry_after(form, now)) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response.headers_mut().extend(fault.headers.clone());
    response
}

fn of_type(kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn retry_after(form: RetryAfterForm, now: Timestamp) -> Option<HeaderValue> {
    match form {
        RetryAfterForm::Seconds(seconds) => Some(HeaderValue::from(seconds)),
        RetryAfterForm::HttpDate(seconds) => {
            // The next whole second, so that the wait is never told too short.
            let whole = now.as_second() + i64::from(now.subsec_nanosecond() > 0);
            HeaderValue::from_str(&crate::time_format::http_date(whole + i64::from(seconds))).ok()
        }
    }
}
