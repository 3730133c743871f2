//! What an answer should be, down to the words of a refusal.

use serde_json::{Value, json};

use super::model::SCOPES;

/// What an answer should be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Json(Value),
    Link {
        document: String,
        expires: i64,
        name: Option<String>,
        content_type: Option<String>,
    },
    File {
        bytes: Vec<u8>,
        content_type: String,
        /// The document whose entity tag it has.
        tagged: Option<String>,
    },
    /// The first bytes of a file.
    Part {
        bytes: Vec<u8>,
        content_range: String,
    },
    /// A page of a fleet; its cursor is a new one.
    Fleet {
        items: Vec<Value>,
        window: u64,
        has_more: bool,
        /// Is true if the last page has no cursor at all.
        is_absent: bool,
    },
    Text(&'static str),
    Empty,
    /// Not compared: an answer of the control API.
    Any,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) retry_after: Option<String>,
}

pub(crate) fn fine(body: Body) -> Expected {
    Expected { status: 200, body, retry_after: None }
}

pub(crate) fn refused(status: u16, code: &str, message: &str) -> Expected {
    fine(Body::Json(json!({"error": {"code": code, "message": message}}))).with(status)
}

pub(crate) fn about_scope(code: &str, message: &str, scope: usize) -> Expected {
    let message = message.replacen("scope", &format!("scope '{}'", SCOPES[scope]), 1);
    fine(Body::Json(json!({"error": {"code": code, "message": message, "scope": SCOPES[scope]}}))).with(403)
}

pub(crate) fn limited(seconds: f64) -> Expected {
    let error = json!({"code": "partner_rate_limited", "message": "rate limit exceeded",
                       "retry_after_seconds": seconds});
    fine(Body::Json(json!({"error": error}))).with(429)
}

pub(crate) fn not_found() -> Expected {
    refused(404, "not_found", "not found")
}

impl Expected {
    pub(crate) fn with(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

pub(crate) fn http_date(at: i64) -> String {
    jiff::Timestamp::from_second(at).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
