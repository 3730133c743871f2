//! Access to the control API: with the control token if one is set, else from loopback with a
//! loopback Host (against DNS rebinding), and never through a proxy. `/health` is open to anybody.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, FORWARDED, HOST, ORIGIN, VIA};
use http::{HeaderMap, HeaderName, Method, Uri};
use subtle::ConstantTimeEq;

use super::Problem;
use crate::app_state::{AppState, ControlAccess};
use crate::http::Peer;
use crate::pipeline;
use crate::request_log::Observation;

/// The path that anybody may read, behind the prefix of the control API.
pub(super) const HEALTH: &str = "/health";

/// The right of a caller to use the control API; a request has it as an extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct IsAdmitted(pub(super) bool);

/// What an operator sets so that other callers are admitted.
const HOW_TO_OPEN: &str = "set a token with --control-token or CREWPASS_MOCK_CONTROL_TOKEN, and send it as \
    `Authorization: Bearer TOKEN`";

/// Runs the request if it is allowed, else returns the reason. Each response gets a request id (P).
pub(super) async fn check_access(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let observation = Observation::begin(&app, &parts).map(|observation| observation.beside_api("control"));
    let mut request = Request::from_parts(parts, body);
    let peer = request.extensions().get::<Arc<Peer>>().cloned();
    let response = match authorize(&app.control_access, peer.as_deref(), request.uri(), request.headers()) {
        Err(problem) if !is_health(&request) => problem.into_response(),
        admitted => {
            request.extensions_mut().insert(IsAdmitted(admitted.is_ok()));
            next.run(request).await
        }
    };
    let response = end_with_newline(response).await;
    if let Some(observation) = observation {
        observation.answered(response.status());
    }
    pipeline::numbered(&app, response)
}

/// Ends JSON with a newline, so that the prompt of a terminal is on the next line.
async fn end_with_newline(response: Response) -> Response {
    if response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The router counts the bytes, and removes the body of a response to HEAD.
    parts.headers.remove(CONTENT_LENGTH);
    // JSON of the control API is in memory, and can be read.
    let mut bytes = to_bytes(body, usize::MAX).await.map(Vec::from).unwrap_or_default();
    bytes.push(b'\n');
    Response::from_parts(parts, Body::from(bytes))
}

/// Returns true for a read of the health, which says nothing about the world to those outside.
fn is_health(request: &Request) -> bool {
    let path = request.uri().path().strip_prefix("/__mock").unwrap_or_default();
    matches!(*request.method(), Method::GET | Method::HEAD) && path.strip_prefix("/v1").unwrap_or(path) == HEALTH
}

/// Checks that a caller may use the control API.
pub(super) fn authorize(
    access: &ControlAccess,
    peer: Option<&Peer>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    // A browser adds this header by itself, and no page can change it.
    if headers.get_all(SEC_FETCH_SITE).iter().any(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site")) {
        return Err(Problem::forbidden("the control API refuses requests from pages of other sites"));
    }
    match &access.token {
        Some(token) => check_token(token, headers),
        None => check_local(peer, uri, headers),
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Checks that the request has the token, once. An empty token admits nobody.
fn check_token(token: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(credential), None) = (sent.next(), sent.next()) else {
        return Err(Problem::unauthorized(
            "the control API needs its token, sent once as `Authorization: Bearer TOKEN`",
        ));
    };
    let bearer = credential.as_bytes().split_at_checked("bearer ".len());
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer ")).map(|(_, token)| token);
    let is_right = bearer.is_some_and(|sent| bool::from(token.as_bytes().ct_eq(sent.trim_ascii())));
    if is_right && !token.is_empty() {
        return Ok(());
    }
    Err(Problem::unauthorized("that is not the token of the control API"))
}

/// Checks that the caller is on this machine, and is not a web page of another origin.
fn check_local(peer: Option<&Peer>, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    if !peer.is_some_and(|peer| peer.remote.ip().to_canonical().is_loopback()) {
        return Err(Problem::forbidden(format!("the control API is open on loopback only; {HOW_TO_OPEN}")));
    }
    // A proxy on this machine has a loopback address, for every caller.
    if let Some(name) = headers.keys().find(|name| is_added_by_proxy(name)) {
        return Err(Problem::forbidden(format!(
            "the control API is open on loopback only, and `{name}` shows a proxy; {HOW_TO_OPEN}"
        )));
    }
    let hosts = headers.get_all(HOST).iter().map(|value| value.to_str().unwrap_or_default());
    let mut hosts = uri.authority().map(http::uri::Authority::as_str).into_iter().chain(hosts).peekable();
    if hosts.peek().is_none() || !hosts.all(names_loopback) {
        return Err(Problem::forbidden(format!(
            "the control API needs a loopback Host, such as 127.0.0.1 or localhost; for any other, {HOW_TO_OPEN}"
        )));
    }
    if !headers.get_all(ORIGIN).iter().all(|origin| origin.to_str().is_ok_and(is_local_origin)) {
        return Err(Problem::forbidden(format!(
            "the control API refuses requests from pages of other origins; for those, {HOW_TO_OPEN}"
        )));
    }
    Ok(())
}

/// Returns true for the headers by which a proxy names its caller or itself.
fn is_added_by_proxy(name: &HeaderName) -> bool {
    *name == FORWARDED || *name == VIA || name.as_str() == "x-real-ip" || name.as_str().starts_with("x-forwarded")
}

fn names_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    !host.contains('@')
        && (name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

fn is_local_origin(origin: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(names_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_admitted() {
        for host in ["127.0.0.1:8787", "localhost", "LOCALHOST:1", "[::1]:8787", "127.9.9.9"] {
            assert!(names_loopback(host), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil", "a@127.0.0.1", "10.0.0.1", "[::2]"]
        {
            assert!(!names_loopback(host), "{host}");
        }
        assert!(is_local_origin("http://localhost:3000"));
        assert!(!is_local_origin("null"));
        assert!(!is_local_origin("https://evil.example"));
    }
}
