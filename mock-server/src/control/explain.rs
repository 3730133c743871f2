//! `GET /__mock/explain?target=…`: the reason for the response that a request would get now.
//! Nothing is counted or changed.
//!
//! - `target` is a path with its query, or a whole URL such as a `download_url`; `method` is `GET`
//!   by default. It is needed without `entry`
//! - `key` is the value for `Authorization: Bearer`, `partner_key` the value for
//!   `X-Partner-API-Key`; `body` is a body of JSON
//! - `entry` is the number of an exchange of the journal: its method, target and headers are taken
//!   as they were sent, since the journal shows keys and tokens masked
//! - the key, or the token in the path, picks the session, as for a real request; below
//!   `/__mock/sessions/{id}/` it is that session
//! - with `Accept: text/plain` the response is text in 80 columns, else JSON; `X-Mock-Reason` is
//!   the deciding clause, or `served`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
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
use crate::http::Peer;
use crate::journal::Filter;
use crate::negotiation::accepts;
use crate::pipeline::REASON;
use crate::reply::FileBody;
use crate::request::{IncomingRequest, RequestContext};
use crate::request_body::RequestBody;
use crate::session::Session;
use crate::token;

/// The query parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    method: Option<String>,
    target: Option<String>,
    key: Option<String>,
    partner_key: Option<String>,
    /// The body, which is JSON.
    body: Option<String>,
    entry: Option<u64>,
}

pub(crate) async fn show(
    State(app): State<Arc<AppState>>,
    chosen: PathSession,
    QueryParams(query): QueryParams<Query>,
    caller: IncomingRequest,
) -> Result<Response, Problem> {
    let as_text = accepts(&caller.parts.headers, &ACCEPT, "text/plain");
    let parts = match query.entry {
        Some(entry) => {
            let session = chosen.0.clone().unwrap_or_else(|| app.sessions.default_session());
            repeat_request(&session, entry)?
        }
        None => build_request(&query)?,
    };
    let body = query.body.as_deref().map(RequestBody::from).unwrap_or_default();
    let incoming = IncomingRequest { body, ..IncomingRequest::without_body(parts, caller.peer) };
    let explanation = explain_request(&app, chosen, &incoming);
    let decided_by = HeaderValue::from_static(explanation.decided_by);
    let mut response = if as_text { text(&explanation).into_response() } else { Json(explanation).into_response() };
    response.headers_mut().insert(REASON, decided_by);
    Ok(response)
}

/// Builds the request of a journal entry again.
fn repeat_request(session: &Session, seq: u64) -> Result<Parts, Problem> {
    let journal = session.journal(&Filter { since: seq, limit: Some(1), ..Filter::default() });
    let exchange = journal.exchanges().find(|exchange| exchange.seq == seq);
    let exchange = exchange
        .ok_or_else(|| Problem::not_found(format!("the journal has no finished exchange with number {seq}")))?;
    let request = http::Request::builder().method(exchange.method().clone()).uri(path_of(&exchange.raw_target())?);
    let request = request.body(()).map_err(|_| Problem::bad_request("the entry can't be sent again"))?;
    let mut parts = request.into_parts().0;
    parts.headers.clone_from(exchange.raw_headers());
    Ok(parts)
}

/// Returns what a link would get now, in its session.
pub(super) fn explain_link(
    app: &AppState,
    session: &Arc<Session>,
    url: &str,
    peer: &Arc<Peer>,
) -> Result<Explanation, Problem> {
    let request = http::Request::builder().uri(path_of(url)?).body(());
    let (parts, ()) = request.map_err(|_| Problem::bad_request("that is not a link"))?.into_parts();
    let incoming = IncomingRequest::without_body(parts, Arc::clone(peer));
    Ok(explain_request(app, PathSession(Some(Arc::clone(session))), &incoming))
}

/// Builds the request to explain.
fn build_request(query: &Query) -> Result<Parts, Problem> {
    let missing = || {
        Problem::bad_request(
            "`target` is missing: write /__mock/explain?target=/api/v2/partners/me, or `entry` for a request of the journal",
        )
    };
    let target = query.target.as_deref().ok_or_else(missing)?;
    let method = query.method.as_deref().unwrap_or("GET").to_uppercase();
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| Problem::bad_request("`method` is not an HTTP method"))?;
    let mut request = http::Request::builder().method(method).uri(path_of(target)?);
    if let Some(key) = &query.key {
        request = request.header(AUTHORIZATION, format!("Bearer {}", header_text(key)?));
    }
    if let Some(key) = &query.partner_key {
        request = request.header("x-partner-api-key", header_text(key)?);
    }
    if query.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let request = request.body(()).map_err(|_| Problem::bad_request("`target` is not a valid target"))?;
    Ok(request.into_parts().0)
}

/// Returns a text that a header may hold: visible ASCII and blanks.
fn header_text(text: &str) -> Result<&str, Problem> {
    let is_valid = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    is_valid.then_some(text).ok_or_else(|| Problem::bad_request("the key is not a valid header value"))
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
