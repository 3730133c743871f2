//! The body of a request as JSON.

use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::error::Mistake;
use crate::request::RequestContext;

/// The body of a request, as far as it can be read.
pub(super) enum JsonBody {
    /// There is none.
    Missing,
    /// An object.
    Object(Map<String, Value>),
    /// Something else, with the mistake that it is.
    Other(Mistake),
}

impl JsonBody {
    /// Reads the body. A body that is not announced as JSON is a text (D).
    pub(super) fn read(context: &RequestContext<'_>) -> Self {
        let bytes = &context.body.bytes;
        if bytes.is_empty() {
            return Self::Missing;
        }
        if !is_json(context) {
            return Self::Other(Mistake::not_an_object(&String::from_utf8_lossy(bytes).into_owned().into()));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Self::Object(fields),
            Ok(other) => Self::Other(Mistake::not_an_object(&other)),
            Err(error) => Self::Other(Mistake::not_json(offset(bytes, &error))),
        }
    }
}

/// Returns the mistake of a body that cannot be parsed, if it is one.
pub(crate) fn unparsable(context: &RequestContext<'_>) -> Option<Mistake> {
    match JsonBody::read(context) {
        JsonBody::Other(mistake) if mistake.is_not_json() => Some(mistake),
        _ => None,
    }
}

/// Returns true if the request says that its body is JSON.
fn is_json(context: &RequestContext<'_>) -> bool {
    let kind = context.header(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Returns the number of bytes before the place of an error.
fn offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let before: usize = bytes.split_inclusive(|byte| *byte == b'\n').take(lines_before).map(<[u8]>::len).sum();
    (before + error.column().saturating_sub(1)).min(bytes.len())
}
