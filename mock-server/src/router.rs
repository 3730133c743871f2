//! The whole API on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;

use crate::api::{documents, files, partners};
use crate::app::App;
use crate::control;
use crate::error::Refusal;
use crate::exchange;

/// Every path there is.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        // For partners, with an API key.
        .route("/api/v2/partners/me", get(partners::me))
        .route("/api/v2/employers/me/crew/{crew_unique_id}/documents", get(documents::list))
        .route("/api/v2/employers/me/crew/{crew_unique_id}/documents/{document_id}/download", get(documents::link))
        // For whoever holds a link.
        .route("/api/v2/files/{token}", get(files::follow))
        // For tests: the fake's own controls.
        .merge(control::router(Arc::clone(&app)))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

async fn unknown_path(State(app): State<Arc<App>>, request: Request) -> Response {
    exchange::refuse(&app, request, Refusal::unknown_path()).await
}

async fn wrong_method(State(app): State<Arc<App>>, request: Request) -> Response {
    exchange::refuse(&app, request, Refusal::wrong_method()).await
}
