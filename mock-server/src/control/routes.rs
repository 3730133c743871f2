//! The routes of the control API, and the answers that belong to no topic.

use std::sync::Arc;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Extension, Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::access::IsAdmitted;
use super::{
    Problem, TargetSession, access, changes, clock, compliance, crew, document, documents, explain, faults, fire,
    journal, links, page, policies, sessions, store, stream, vessels, webhooks, world,
};
use crate::app_state::AppState;

/// Returns the routes of the control API, behind the access check.
pub(crate) fn router(app: Arc<AppState>) -> Router<Arc<AppState>> {
    let all =
        versioned_routes().nest("/v1", versioned_routes()).fallback(unknown).method_not_allowed_fallback(wrong_method);
    page::routes()
        .nest("/__mock", all)
        .layer(from_fn_with_state(app, access::check_access))
        // Behind the access check, which is not for other requests of this path.
        .route("/", any(page::root))
}

/// Returns the routes of one API version, which are served with and without its number.
fn versioned_routes() -> Router<Arc<AppState>> {
    Router::new()
        .route("/", get(page::without_slash))
        .route("/openapi.json", get(document::openapi))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .route("/sessions", get(sessions::list).post(sessions::open))
        .route("/sessions/{session}", delete(sessions::close))
        .nest("/sessions/{session}", session_routes())
        .merge(session_routes())
}

/// Returns the routes that exist for every session.
fn session_routes() -> Router<Arc<AppState>> {
    Router::new()
        .route("/clock", get(clock::show).post(clock::change))
        .route("/compliance", get(compliance::show))
        .route("/compliance/refresh", post(compliance::refresh))
        .route("/store", get(store::show).post(store::change))
        .route("/partners/{partner}", post(changes::partner))
        .route("/keys/{key}", post(changes::key))
        .route("/vessels/{vessel}", post(vessels::change))
        .route("/crew/{crew}", post(crew::change))
        .route("/crew/{crew}/documents", post(documents::upload))
        .route("/crew/{crew}/documents/{document}", post(changes::document).delete(documents::remove))
        .route("/faults", get(faults::show).post(faults::add).delete(faults::clear))
        .route("/faults/verify", get(faults::verify))
        .route("/faults/{fault}", delete(faults::remove))
        .route("/policies", get(policies::show).post(policies::change))
        .route("/policies/choices", get(policies::choices))
        .route("/world", get(world::show))
        .route("/links", get(links::show))
        .route("/reset", post(reset))
        .route("/explain", get(explain::show))
        .route("/journal", get(journal::show).delete(journal::clear))
        .route("/journal.har", get(journal::har))
        .route("/journal/stream", get(stream::open))
        .route("/webhooks", get(webhooks::show))
        .route("/webhooks/callbacks", post(webhooks::add_callback).delete(webhooks::clear_callbacks))
        .route("/webhooks/fire", post(fire::fire))
        .route("/webhooks/alter", post(webhooks::alter))
        .route("/webhooks/redeliver", post(webhooks::redeliver))
        .route("/webhooks/verify", get(webhooks::verify))
}

/// Returns that the server is alive and ready. Callers that may use the control API also get its version and its world.
async fn health(State(app): State<Arc<AppState>>, Extension(IsAdmitted(admitted)): Extension<IsAdmitted>) -> Response {
    let mut health = serde_json::json!({"status": "ok"});
    if admitted {
        let name = app.sessions.default_session().world().name.clone();
        let (loads, error) = app.loads.read();
        health["version"] = env!("CARGO_PKG_VERSION").into();
        health["world"] = serde_json::json!({"name": name, "loads": loads, "error": error});
    }
    ([(CACHE_CONTROL, "no-store")], Json(health)).into_response()
}

/// Returns the metrics for Prometheus, if the server was started with them.
async fn metrics(State(app): State<Arc<AppState>>) -> Result<Response, Problem> {
    #[cfg(feature = "cli")]
    if let Some(metrics) = &app.metrics {
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        return Ok(([(CONTENT_TYPE, kind)], metrics.text(&app)).into_response());
    }
    let _ = app;
    Err(Problem::not_found("the metrics are off: turn them on with `serve --metrics`"))
}

async fn reset(TargetSession(session): TargetSession) -> Json<serde_json::Value> {
    session.reset(jiff::Timestamp::now());
    Json(serde_json::json!({"reset": true}))
}

async fn unknown(State(_): State<Arc<AppState>>) -> Problem {
    Problem::not_found(
        "the control API has no such path; /__mock/ lists its paths, and so does /__mock/openapi.json for programs",
    )
}

async fn wrong_method() -> Response {
    Problem::wrong_method()
}
