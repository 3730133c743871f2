//! Extractors of the control API: the session, path parameters, query and body of a request.
//!
//! axum's own extractors refuse in plain text; these return the control API's error.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Path, Query, Request};
use crewpass_diagnostics::strict_json;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::Problem;
use super::body::PacedBody;
use crate::app_state::AppState;
use crate::session::Session;

/// The session in the path, or the default one.
pub(crate) struct TargetSession(pub(crate) Arc<Session>);

/// The session in the path, if there is one.
pub(crate) struct PathSession(pub(crate) Option<Arc<Session>>);

impl FromRequestParts<Arc<AppState>> for PathSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Problem> {
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let path = uri.path().strip_prefix("/__mock/v1").or_else(|| uri.path().strip_prefix("/__mock"));
        let Some(rest) = path.and_then(|path| path.strip_prefix("/sessions/")) else { return Ok(Self(None)) };
        let id = rest.split('/').next().unwrap_or_default();
        let found = app.sessions.by_id(id, jiff::Timestamp::now());
        found.map(|found| Self(Some(found))).ok_or_else(|| Problem::not_found(format!("there is no session `{id}`")))
    }
}

impl FromRequestParts<Arc<AppState>> for TargetSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Problem> {
        let PathSession(chosen) = PathSession::from_request_parts(parts, app).await?;
        Ok(Self(chosen.unwrap_or_else(|| app.sessions.default_session())))
    }
}

/// The path parameters, such as `crew`.
pub(crate) struct PathParams(BTreeMap<String, String>);

impl PathParams {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl FromRequestParts<Arc<AppState>> for PathParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Problem> {
        let read = Path::from_request_parts(parts, app).await;
        read.map(|Path(named)| Self(named)).map_err(|error| Problem::bad_request(error.body_text()))
    }
}

/// The query parameters.
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<AppState>> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, app).await;
        read.map(|Query(asked)| Self(asked)).map_err(|error| Problem::bad_request(query_message(&error.body_text())))
    }
}

/// A JSON body with any Content-Type. Errors have their position.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<AppState>> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<AppState>) -> Result<Self, Problem> {
        let bytes = PacedBody::new(request.into_body(), app.body_timeout).whole().await?;
        read(&bytes).map(Self)
    }
}

/// A JSON body whose values are kept, with its length in bytes.
pub(crate) struct KeptBody<T>(pub(crate) T, pub(crate) u64);

impl<T: DeserializeOwned> FromRequest<Arc<AppState>> for KeptBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<AppState>) -> Result<Self, Problem> {
        let bytes = PacedBody::new(request.into_body(), app.body_timeout).whole().await?;
        Ok(Self(read(&bytes)?, bytes.len() as u64))
    }
}

/// The largest body of JSON for what has few short values, in bytes.
const MAX_SHORT_BYTES: usize = 16 << 10;

/// A JSON body with few short values. A session keeps them without a part of the budget.
pub(crate) struct ShortBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<AppState>> for ShortBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<AppState>) -> Result<Self, Problem> {
        let bytes = PacedBody::new(request.into_body(), app.body_timeout).whole_within(MAX_SHORT_BYTES).await?;
        read(&bytes).map(Self)
    }
}

/// An optional JSON body, with its length in bytes.
pub(crate) struct OptionalBody<T>(pub(crate) T, pub(crate) u64);

impl<T: DeserializeOwned + Default> FromRequest<Arc<AppState>> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<AppState>) -> Result<Self, Problem> {
        let bytes = PacedBody::new(request.into_body(), app.body_timeout).whole().await?;
        let value = if bytes.is_empty() { T::default() } else { read(&bytes)? };
        Ok(Self(value, bytes.len() as u64))
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let read = strict_json::from_slice(bytes);
    read.map_err(|error| {
        // Valid JSON may still be a body that the request can't have.
        let wrong = if error.is_data() { "the body can't be used" } else { "the body can't be read as JSON" };
        Problem::bad_request(format!("{wrong}: {}", strict_json::message(&error)))
    })
}

/// Formats a message about a query in the words of a caller.
fn query_message(text: &str) -> String {
    const WORDS: [(&str, &str); 5] = [
        ("number too large to fit in target type", "the number is too large"),
        ("invalid digit found in string", "write a whole number that is not negative"),
        ("cannot parse integer from empty string", "write a whole number that is not negative"),
        ("provided string was not `true` or `false`", "write `true` or `false`"),
        ("unknown field", "unknown parameter"),
    ];
    let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(text);
    let (name, wrong) = text.split_once(": ").unwrap_or(("", text));
    let wrong = strict_json::plain_names(wrong).unwrap_or_else(|| wrong.to_owned());
    let plain = WORDS.iter().find_map(|(rust, plain)| Some(format!("{plain}{}", wrong.strip_prefix(rust)?)));
    let wrong = plain.unwrap_or(wrong);
    if name.is_empty() { format!("the query: {wrong}") } else { format!("`{name}` in the query: {wrong}") }
}
