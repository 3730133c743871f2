//! The console at `/__mock/`, and the reference of the control API beside it. Scripts and styles are
//! files of this server.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::Method;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};

use super::access;
use crate::app_state::AppState;
use crate::error::Refusal;
use crate::negotiation::accepts;
use crate::pipeline;
use crate::request::IncomingRequest;

/// A path below the control API, its content type and its text.
type Asset = (&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files of the console and of the reference.
const ASSETS: [Asset; 12] = [
    ("/__mock/", HTML, include_str!("page/console.html")),
    ("/__mock/reference", HTML, include_str!("page/reference.html")),
    ("/__mock/console.css", CSS, include_str!("page/console.css")),
    ("/__mock/console.js", SCRIPT, include_str!("page/console.js")),
    ("/__mock/controls.js", SCRIPT, include_str!("page/controls.js")),
    ("/__mock/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/__mock/faults.js", SCRIPT, include_str!("page/faults.js")),
    ("/__mock/journal.js", SCRIPT, include_str!("page/journal.js")),
    ("/__mock/reference.js", SCRIPT, include_str!("page/reference.js")),
    ("/__mock/shell.js", SCRIPT, include_str!("page/shell.js")),
    ("/__mock/webhooks.js", SCRIPT, include_str!("page/webhooks.js")),
    ("/__mock/world.js", SCRIPT, include_str!("page/world.js")),
];

/// What a page may load: the files and the API of this server, and no inline script or style.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Returns the routes of the pages and their files.
pub(super) fn routes() -> Router<Arc<AppState>> {
    ASSETS.iter().fold(Router::new(), |router, asset| router.route(asset.0, get(move || async { serve(asset) })))
}

fn serve((_, content_type, text): &'static Asset) -> Response {
    let headers = [
        (CONTENT_TYPE, *content_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // For browsers that do not know `frame-ancestors`.
        (X_FRAME_OPTIONS, "DENY"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, *text).into_response()
}

/// Leads a browser that may use the control API from `/` to the console. Any other request gets the
/// answer of an unknown path.
pub(super) async fn root(State(app): State<Arc<AppState>>, incoming: IncomingRequest) -> Response {
    let parts = &incoming.parts;
    let is_browser = parts.method == Method::GET && accepts(&parts.headers, &ACCEPT, "text/html");
    let access = access::authorize(&app.control_access, Some(&incoming.peer), &parts.uri, &parts.headers);
    if is_browser && access.is_ok() {
        // Relative, so that it holds behind a path prefix too.
        let mut response = Redirect::temporary("__mock/").into_response();
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
        return pipeline::numbered(&app, response);
    }
    pipeline::refuse(&app, incoming, Refusal::unknown_path()).whole().await.into_response()
}

/// Redirects to the address with a slash: the page's links are relative to it.
pub(crate) async fn without_slash() -> Redirect {
    Redirect::permanent("/__mock/")
}
