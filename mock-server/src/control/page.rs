//! `/__mock/`: a page to browse and try the control API.

use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};

const PAGE: &str = include_str!("page.html");

/// Returns the page: one file that loads nothing from elsewhere.
pub(crate) async fn page() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        // For browsers that do not know `frame-ancestors`.
        (X_FRAME_OPTIONS, "DENY"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    ];
    (headers, PAGE).into_response()
}

/// Redirects to the address with a slash: the page's links are relative to it.
pub(crate) async fn without_slash() -> Redirect {
    Redirect::permanent("/__mock/")
}
