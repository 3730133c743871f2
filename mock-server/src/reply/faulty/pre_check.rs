//! Execution of the effects before the checks: a status, a redirect, a broken connection, or silence.

use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use jiff::Timestamp;
use tokio::time::timeout;

use super::super::{page, redirect};
use crate::body::{Body, Response};
use crate::error;
use crate::fault::{
    Destination, FaultBody, Filling, LONGEST, PreCheckEffect, PreCheckPlan, Redirect, RetryAfterForm, StatusFault,
    has_no_body,
};
use crate::request::IncomingRequest;

/// Executes the effect before the checks.
pub(crate) async fn execute_pre_check(
    plan: PreCheckPlan,
    IncomingRequest { parts, peer, .. }: &IncomingRequest,
    token: Option<&str>,
    origin: impl FnOnce() -> String,
    now: Timestamp,
) -> Response {
    let effect = match plan {
        PreCheckPlan::Hop { status, next } => {
            return redirect(status, &format!("{}{}", origin(), next.append_to(&path(parts))));
        }
        PreCheckPlan::Do(effect) => effect,
    };
    match &*effect {
        PreCheckEffect::Status(fault) => status_response(fault, now),
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
            unread_response()
        }
        PreCheckEffect::Close => {
            peer.connection.close();
            unread_response()
        }
        PreCheckEffect::Stall => {
            // Either way the connection ends now.
            let _ = timeout(LONGEST, peer.connection.client_left()).await;
            peer.connection.close();
            unread_response()
        }
    }
}

/// Returns the request's path with its query. It begins with one slash, so that it can't be taken for a host.
fn path(parts: &Parts) -> String {
    let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    format!("/{}", target.trim_start_matches(['/', '\\']))
}

fn status_response(fault: &StatusFault, now: Timestamp) -> Response {
    let reason = fault.status.canonical_reason().unwrap_or("Unknown Status");
    let mut response = match &fault.body {
        FaultBody::Envelope if has_no_body(fault.status) => Response::new(Body::empty()),
        FaultBody::Envelope => error::fault_response(fault.status, fault.code, fault.scope, fault.retry_after_seconds),
        FaultBody::Empty => Response::new(Body::empty()),
        FaultBody::Html => response_with_type("text/html; charset=utf-8", page(fault.status)),
        FaultBody::Text => response_with_type("text/plain; charset=utf-8", format!("{reason}\n")),
        FaultBody::JsonArray => response_with_type("application/json", format!("[\"{reason}\"]")),
        FaultBody::Problem => {
            let problem = serde_json::json!({"type": "about:blank", "title": reason, "status": fault.status.as_u16()});
            response_with_type("application/problem+json", problem.to_string())
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
    if let Some(value) = fault.retry_after.and_then(|form| retry_after_value(form, now)) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response.headers_mut().extend(fault.headers.clone());
    response
}

fn response_with_type(kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn retry_after_value(form: RetryAfterForm, now: Timestamp) -> Option<HeaderValue> {
    match form {
        RetryAfterForm::Seconds(seconds) => Some(HeaderValue::from(seconds)),
        RetryAfterForm::HttpDate(seconds) => {
            // The next whole second, so that the date is never too early.
            let whole = now.as_second() + i64::from(now.subsec_nanosecond() > 0);
            HeaderValue::from_str(&crate::time_format::http_date(whole + i64::from(seconds))).ok()
        }
    }
}

/// Returns a response for a connection that is closed or about to be closed.
fn unread_response() -> Response {
    Response::new(Body::empty())
}
