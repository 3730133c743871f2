//! `/__mock/` and `/__mock/openapi.json`: the OpenAPI document of the control API, and a page to
//! browse and try it.

use std::sync::OnceLock;

use axum::Json;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use serde_json::{Map, Value};

use super::Problem;

const DOCUMENT: &str = include_str!("../../fixtures/control/openapi.yaml");
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

/// Returns the document as JSON, with the paths of additional sessions.
pub(crate) async fn openapi() -> Result<Json<&'static Value>, Problem> {
    static READ: OnceLock<Option<Value>> = OnceLock::new();
    let read = READ.get_or_init(|| serde_saphyr::from_str(DOCUMENT).ok().map(add_session_paths));
    read.as_ref().map(Json).ok_or_else(|| Problem::not_found("the document can't be read"))
}

/// Adds a copy of each path marked `x-per-session` below `/sessions/{session}`.
fn add_session_paths(mut document: Value) -> Value {
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    let mut session_paths = Map::new();
    for (path, item) in paths.iter_mut() {
        if item.as_object_mut().is_some_and(|item| item.remove("x-per-session").is_some()) {
            session_paths.insert(format!("/sessions/{{session}}{path}"), session_path_item(item.clone()));
        }
    }
    paths.extend(session_paths);
    document
}

fn session_path_item(mut item: Value) -> Value {
    let session = serde_json::json!({"$ref": "#/components/parameters/session"});
    let parameters = item["parameters"].as_array().into_iter().flatten().cloned();
    item["parameters"] = std::iter::once(session).chain(parameters).collect();
    for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(id) = operation["operationId"].as_str() {
            operation["operationId"] = format!("{id}OfSession").into();
            let unknown = serde_json::json!({"$ref": "#/components/responses/Unknown"});
            // There may be no such session.
            operation["responses"].as_object_mut().map(|responses| responses.entry("404").or_insert(unknown));
        }
    }
    item
}
