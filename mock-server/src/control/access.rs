//! Access to the control API: from loopback with a loopback Host (against DNS rebinding), or with
//! the control token.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use subtle::ConstantTimeEq;

use super::Problem;
use crate::app::{App, ControlAccess};
use crate::http::Peer;
use crate::pipeline;

/// Runs the request if it is allowed, else returns the reason. Each response gets a request id (P).
pub(super) async fn check_access(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let response = match authorize(&app.control_access, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    pipeline::numbered(&app, response)
}

fn authorize(access: &ControlAccess, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    if let (Some(token), Some(sent)) = (&access.token, headers.get(AUTHORIZATION)) {
        let expected = format!("Bearer {token}");
        if bool::from(expected.as_bytes().ct_eq(sent.as_bytes())) {
            return Ok(());
        }
    }
    // Without the token, the caller must be on loopback and must not be a web page of another
    // origin.
    let peer = request.extensions().get::<Arc<Peer>>();
    if !peer.is_some_and(|peer| peer.remote.ip().to_canonical().is_loopback()) {
        return Err(Problem::forbidden("the control API is open on loopback only, or with its token"));
    }
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let host = host.or_else(|| headers.get(HOST).and_then(|value| value.to_str().ok()).map(str::to_owned));
    if !host.as_deref().is_some_and(names_loopback) {
        return Err(Problem::forbidden("the control API needs a loopback Host, such as 127.0.0.1 or localhost"));
    }
    match headers.get(ORIGIN) {
        Some(origin) if !origin.to_str().is_ok_and(is_local_origin) => {
            Err(Problem::forbidden("the control API refuses requests from other origins"))
        }
        _ => Ok(()),
    }
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
