//! Refusals and their form on the wire: the only file that knows the error envelope.
//!
//! Policy: every refusal of the API is `{"error": {"code", "message", …}}` (P, /errors/index); clients branch on
//! `code`. Documented codes and messages are used unchanged; the others are ours (D). A refusal never says more than
//! the contract lets it: the clause that decided goes to the journal, not to the caller. No 5xx but the announced 503
//! exists here.

mod mistake;

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};

pub use mistake::Mistake;
use serde::Serialize;

use crate::body::{Body, Response};
use crate::clause::{self, Clause};
use crate::policy::StoreDownBody;
use crate::scope::Scope;

/// An error code of the API, with its status and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The name that clients branch on.
    pub name: &'static str,
    /// The status of its answers.
    pub status: StatusCode,
    /// The message, unless there is something to fill in.
    pub message: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $status:ident, $message:literal;)+) => {
        $(#[doc = concat!("`", $name, "`")]
          pub const $constant: &Code = &Code { name: $name, status: StatusCode::$status, message: $message };)+

        /// Every code, in the order of the documentation.
        pub const CODES: &[&Code] = &[$($constant),+];
    };
}

codes! {
    INVALID_API_KEY = "invalid_api_key", UNAUTHORIZED, "invalid API key";
    API_NOT_ENABLED = "api_not_enabled", FORBIDDEN, "API access is not enabled for this partner";
    SCOPE_NOT_GRANTED = "scope_not_granted", FORBIDDEN, "scope is not granted to this partner";
    SCOPE_NOT_CONSENTED = "scope_not_consented", FORBIDDEN, "scope is not consented for this crew member";
    PARTNER_MODE_MISMATCH = "partner_mode_mismatch", FORBIDDEN, "the key's mode does not match this environment";
    NOT_FOUND = "not_found", NOT_FOUND, "not found";
    PARTNER_RATE_LIMITED = "partner_rate_limited", TOO_MANY_REQUESTS, "rate limit exceeded";
    METHOD_NOT_ALLOWED = "method_not_allowed", METHOD_NOT_ALLOWED, "method not allowed";
    BAD_REQUEST = "bad_request", BAD_REQUEST, "bad request";
    INVALID_CURSOR = "invalid_cursor", BAD_REQUEST, "this cursor is not valid";
    PAYLOAD_TOO_LARGE = "payload_too_large", PAYLOAD_TOO_LARGE, "the body is too large";
    LINK_EXPIRED_403 = "link_expired", FORBIDDEN, "this link is no longer valid";
    LINK_EXPIRED_410 = "link_expired", GONE, "this link is no longer valid";
    FILE_STORE_UNAVAILABLE = "file_store_unavailable", SERVICE_UNAVAILABLE, "the file store is briefly unreachable";
}

/// A request with a mistake in its query or body: the framework's own answer, without the envelope (P). The name is for
/// the journal and `explain`.
pub const INVALID_INPUT: &Code = &Code { name: "invalid_input", status: StatusCode::UNPROCESSABLE_ENTITY, message: "" };

/// The framework's own answer to a request with mistakes.
#[derive(Serialize)]
struct Detail<'a> {
    detail: &'a [Mistake],
}

/// The further fields or headers of a refusal.
#[derive(Clone, Debug, PartialEq)]
pub enum Extra {
    /// Nothing.
    None,
    /// The scope that is missing (P).
    Scope(Scope),
    /// The seconds until a retry may pass (P).
    RetryAfter(f64),
    /// The methods that the path takes (RFC 9110 section 15.5.6).
    Allow(&'static str),
    /// The mistakes of a request; they take the place of the envelope (P).
    Mistakes(Box<[Mistake]>),
}

/// The refusal of a request: the error for the caller, and the clause that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The clause that decided.
    pub clause: &'static Clause,
    /// The code, with its status.
    pub code: &'static Code,
    /// Further fields or headers.
    pub extra: Extra,
    /// `Retry-After`, where policy `retry_after` sets one.
    pub retry_after: Option<HeaderValue>,
    /// The form of the body. Only a 503 has another than the envelope, by policy `store_down_body`.
    pub body: StoreDownBody,
}

impl Refusal {
    /// Creates a refusal in the envelope, without extras.
    pub fn new(clause: &'static Clause, code: &'static Code) -> Self {
        Self { clause, code, extra: Extra::None, retry_after: None, body: StoreDownBody::Envelope }
    }

    /// Creates a refusal in the envelope, with an extra.
    pub fn with(clause: &'static Clause, code: &'static Code, extra: Extra) -> Self {
        Self { extra, ..Self::new(clause, code) }
    }

    /// Creates the 404 for a path that the API does not have.
    pub fn unknown_path() -> Self {
        Self::new(clause::ROUTE, NOT_FOUND)
    }

    /// Creates the 405 for a method that the path does not take; `allow` lists those that it does.
    pub fn wrong_method(allow: &'static str) -> Self {
        Self::with(clause::METHOD, METHOD_NOT_ALLOWED, Extra::Allow(allow))
    }

    /// Creates the 422 for a request with mistakes.
    pub(crate) fn invalid(mistakes: Vec<Mistake>) -> Self {
        Self::with(clause::INPUT_VALID, INVALID_INPUT, Extra::Mistakes(mistakes.into()))
    }

    fn envelope(&self) -> String {
        if let Extra::Mistakes(mistakes) = &self.extra {
            return serde_json::to_string(&Detail { detail: mistakes }).unwrap_or_default();
        }
        let (scope, seconds) = match self.extra {
            Extra::Scope(scope) => (Some(scope), None),
            Extra::RetryAfter(seconds) => (None, Some(seconds)),
            Extra::None | Extra::Allow(_) | Extra::Mistakes(_) => (None, None),
        };
        envelope(self.code.name, self.code.message, scope, seconds)
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self.extra {
            Extra::Allow(methods) => Some((ALLOW, HeaderValue::from_static(methods))),
            _ if self.code.status == StatusCode::UNAUTHORIZED => {
                Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            }
            _ => None,
        }
    }

    /// Turns the refusal into the response on the wire.
    pub(crate) fn into_response(self) -> Response {
        let (kind, body) = match self.body {
            StoreDownBody::Envelope => (Some("application/json"), self.envelope()),
            StoreDownBody::Empty => (None, String::new()),
            StoreDownBody::Html => (Some("text/html; charset=utf-8"), UNAVAILABLE_PAGE.to_owned()),
            StoreDownBody::Text => (Some("text/plain; charset=utf-8"), "Service Unavailable\n".to_owned()),
        };
        let header = self.header();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.code.status;
        let headers = response.headers_mut();
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some((name, value)) = header {
            headers.insert(name, value);
        }
        if let Some(value) = self.retry_after {
            headers.insert(RETRY_AFTER, value);
        }
        response
    }
}

const UNAVAILABLE_PAGE: &str = "<!doctype html>\n<html><head><title>503 Service Unavailable</title></head>\
    <body><h1>Service Unavailable</h1></body></html>\n";

fn envelope(code: &str, message: &str, scope: Option<Scope>, seconds: Option<f64>) -> String {
    let mut error = serde_json::json!({"code": code, "message": message});
    if let Some(scope) = scope {
        error["message"] = message.replacen("scope", &format!("scope '{scope}'"), 1).into();
        error["scope"] = scope.name().into();
    }
    if let Some(seconds) = seconds {
        error["retry_after_seconds"] = seconds.into();
    }
    serde_json::json!({"error": error}).to_string()
}

/// Builds the answer of a fault: with the code that it names, else with the first code of its status, else with the
/// name of the status itself.
pub(crate) fn fault_response(
    status: StatusCode,
    code: Option<&'static Code>,
    scope: Option<Scope>,
    seconds: Option<f64>,
) -> Response {
    let code = code.or_else(|| CODES.iter().copied().find(|code| code.status == status));
    let reason = status.canonical_reason().unwrap_or("unknown status").to_lowercase();
    let named = reason.replace([' ', '-'], "_").replace('\'', "");
    let (name, message) = code.map_or((&*named, &*reason), |code| (code.name, code.message));
    let mut response = Response::new(Body::from(envelope(name, message, scope, seconds)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Builds an answer in the envelope with its own message, as the control API uses it.
pub(crate) fn error_response(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({"error": {"code": code, "message": message}}).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
