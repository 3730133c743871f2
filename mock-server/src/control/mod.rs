//! The control API under `/__mock/`: what a test does to the fake, beside what a client may do.
//!
//! Each topic is a file. All of it works on the default session, and under `/__mock/sessions/{id}/` on another one.
//! It is open on loopback only, and refuses a foreign Host or Origin, so that no web page can reach it.

mod access;
mod changes;
mod clock;
mod documents;
mod explain;
mod faults;
mod journal;
mod page;
mod policies;
mod problem;
mod sessions;
mod store;
mod stream;
mod target;

use std::sync::Arc;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router};

pub(crate) use problem::Problem;
pub(crate) use target::TargetSession;

use crate::app::App;

/// The control API, with its gate in front.
pub(crate) fn router(app: Arc<App>) -> Router<Arc<App>> {
    let of_a_session = || {
        Router::new()
            .route("/clock", get(clock::show).post(clock::change))
            .route("/store", get(store::show).post(store::change))
            .route("/partners/{partner}", post(changes::partner))
            .route("/keys/{key}", post(changes::key))
            .route("/crew/{crew}", post(changes::crew))
            .route("/crew/{crew}/documents", post(documents::upload))
            .route("/crew/{crew}/documents/{document}", post(changes::document).delete(documents::remove))
            .route("/faults", get(faults::show).post(faults::add).delete(faults::clear))
            .route("/faults/verify", get(faults::verify))
            .route("/faults/{fault}", delete(faults::remove))
            .route("/policies", get(policies::show).post(policies::change))
            .route("/reset", post(reset))
            .route("/explain", get(explain::show))
            .route("/journal", get(journal::show).delete(journal::clear))
            .route("/journal.har", get(journal::har))
            .route("/journal/stream", get(stream::open))
    };
    let version_1 = || {
        Router::new()
            .route("/", get(page::without_slash))
            .route("/openapi.json", get(page::openapi))
            .route("/health", get(health))
            .route("/sessions", get(sessions::list).post(sessions::open))
            .route("/sessions/{session}", delete(sessions::close))
            .nest("/sessions/{session}", of_a_session())
            .merge(of_a_session())
    };
    let all = version_1().nest("/v1", version_1()).fallback(unknown).method_not_allowed_fallback(wrong_method);
    Router::new()
        .route("/__mock/", get(page::page))
        .nest("/__mock", all)
        .layer(from_fn_with_state(app, access::check_access))
}

async fn health(State(app): State<Arc<App>>) -> Json<serde_json::Value> {
    let name = app.sessions.default_session().world().name.clone();
    let (loads, error) = app.loads.read();
    let world = serde_json::json!({"name": name, "loads": loads, "error": error});
    Json(serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "world": world}))
}

async fn reset(TargetSession(session): TargetSession) -> Json<serde_json::Value> {
    session.reset(jiff::Timestamp::now());
    Json(serde_json::json!({"reset": true}))
}

async fn unknown(State(_): State<Arc<App>>) -> Problem {
    Problem::not_found(
        "the control API has no such path; /__mock/ lists what it has, and /__mock/openapi.json says it to machines",
    )
}

async fn wrong_method() -> Response {
    Problem::wrong_method()
}
