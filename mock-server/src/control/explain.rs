//! `GET /__mock/explain?target=…`: the reason for the response that a request would get now.
//! Nothing is counted or changed.
//!
//! - `target` is a path with its query, or a whole URL such as a `download_url`; `method` is `GET`
//!   by default
//! - `key` is the value for `Authorization: Bearer`, `partner_key` the value for
//!   `X-Partner-API-Key`
//! - the key, or the token in the path, picks the session, as for a real request; below
//!   `/__mock/sessions/{id}/` it is that session
//! - with `Accept: text/plain` the response is text in 80 columns, else JSON; `X-Mock-Reason` is
//!   the deciding clause, or `served`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, Uri};
use jiff::Timestamp;
use serde::Deserialize;

use super::Problem;
use super::target::{PathSession, QueryParams};
use crate::app_state::AppState;
use crate::endpoint::{EndpointName, find};
use crate::explain::{Explanation, Question, explain, text};
use crate::pipeline::REASON;
use crate::reply::FileBody;
use crate::request::{IncomingRequest, RequestContext};
use crate::token;

/// The query parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    method: Option<String>,
    target: String,
    key: Option<String>,
    partner_key: Option<String>,
}

pub(crate) async fn show(
    State(app): State<Arc<AppState>>,
    chosen: PathSession,
    QueryParams(query): QueryParams<Query>,
    caller: IncomingRequest,
) -> Result<Response, Problem> {
    let mut accepted = caller.parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let as_text = accepted.any(|value| value.contains("text/plain"));
    let explanation =
        explain_request(&app, chosen, &IncomingRequest::without_body(build_request(&query)?, caller.peer));
    let decided_by = HeaderValue::from_static(explanation.decided_by);
    let mut response = if as_text { text(&explanation).into_response() } else { Json(explanation).into_response() };
    response.headers_mut().insert(REASON, decided_by);
    Ok(response)
}

/// Builds the request to explain.
fn build_request(query: &Query) -> Result<Parts, Problem> {
    let method = query.method.as_deref().unwrap_or("GET").to_uppercase();
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| Problem::bad_request("`method` is not an HTTP method"))?;
    let mut request = http::Request::builder().method(method).uri(path_of(&query.target)?);
    if let Some(key) = &query.key {
        request = request.header(AUTHORIZATION, format!("Bearer {key}"));
    }
    if let Some(key) = &query.partner_key {
        request = request.header("x-partner-api-key", key);
    }
    let request = request.body(()).map_err(|_| Problem::bad_request("the key is not a valid header value"))?;
    Ok(request.into_parts().0)
}

/// Returns the path and query of a target, which may be a whole URL.
fn path_of(target: &str) -> Result<Uri, Problem> {
    let wrong = || Problem::bad_request("`target` must be a path such as /api/v2/partners/me, or a whole URL");
    let target = target.split('#').next().unwrap_or_default();
    let path = if target.starts_with('/') {
        target.parse::<PathAndQuery>().map_err(|_| wrong())?
    } else {
        let url: Uri = target.parse().map_err(|_| wrong())?;
        url.scheme().and(url.path_and_query()).cloned().ok_or_else(wrong)?
    };
    if path.path() == "/__mock" || path.path().starts_with("/__mock/") {
        return Err(Problem::bad_request(
            "the control API is not explained, its errors have their reason: send a path below /api/v2",
        ));
    }
    Ok(Uri::from(path))
}

/// Explains a request as this caller would send it.
fn explain_request(app: &AppState, PathSession(chosen): PathSession, incoming: &IncomingRequest) -> Explanation {
    let parts = &incoming.parts;
    let (real, path) = (Timestamp::now(), parts.uri.path());
    let resource = find(path);
    let endpoint = EndpointName::from(resource.and_then(|resource| resource.endpoint(&parts.method)));
    // Other methods are refused before any endpoint, so they are explained without one.
    let mut context = RequestContext::new(endpoint, incoming);
    let json = context.token.and_then(token::payload);
    let claims = json.as_deref().and_then(token::Claims::read);
    let picked = if endpoint.is_by_link() {
        claims.as_ref().and_then(|claims| app.sessions.by_id(&claims.session, real))
    } else {
        context.credential().first().and_then(|key| app.sessions.by_key(key, real))
    };
    let session = chosen.or_else(|| picked.clone()).unwrap_or_else(|| app.sessions.default_session());
    let of_session = claims.as_ref().is_some_and(|claims| *claims.session == *session.id);
    let made = of_session && context.token.is_some_and(|token| session.signer.verifies(token));
    if let Some(claims) = claims.as_ref().filter(|_| made) {
        context.take_ids(claims);
    }
    let question = Question {
        method: parts.method.clone(),
        path,
        query: parts.uri.query(),
        context,
        resource,
        claims,
        is_signed: made,
        session: &session.id,
        belongs_to: picked.map(|picked| picked.id.clone()).filter(|id| *id != session.id),
        opens: |content| FileBody::open(content).is_ok(),
    };
    let mut state = session.lock();
    let now = state.clock.now(real);
    explain(&mut state, &question, now)
}
