//! The whole API on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use crate::api::{documents, files, openapi, partners};
use crate::app::App;
use crate::ask::Step;
use crate::control;
use crate::error::Refusal;
use crate::exchange;

/// What the path of every link begins with.
pub(crate) const FILES: &str = "/api/v2/files/";

/// The paths of the API, each with the step that it is, and who answers it.
fn endpoints() -> [(&'static str, Step, MethodRouter<Arc<App>>); 4] {
    [
        // For partners, with an API key.
        ("/api/v2/partners/me", Step::Me, get(partners::me)),
        ("/api/v2/employers/me/crew/{crew_unique_id}/documents", Step::List, get(documents::list)),
        (
            "/api/v2/employers/me/crew/{crew_unique_id}/documents/{document_id}/download",
            Step::Link,
            get(documents::link),
        ),
        // For whoever holds a link.
        ("/api/v2/files/{token}", Step::File, get(files::follow)),
    ]
}

/// Every path there is.
pub(crate) fn router(app: Arc<App>) -> Router {
    let api = endpoints().into_iter().fold(Router::new(), |api, (path, _, answer)| api.route(path, answer));
    // For tools: the document of all that.
    let api = api.route("/openapi.json", get(openapi::document));
    // For tests: the fake's own controls.
    api.merge(control::router(Arc::clone(&app)))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

/// The path of every step, with names in braces.
pub(crate) fn paths() -> impl Iterator<Item = (&'static str, Step)> {
    endpoints().into_iter().map(|(path, step, _)| (path, step))
}

/// The step that a path is, as the router matches it.
pub(crate) fn step_of(path: &str) -> Option<Step> {
    paths().find(|(known, _)| fits(known, path)).map(|(_, step)| step)
}

/// A name in braces stands for anything between two slashes, and at the end for anything but nothing.
fn fits(known: &str, path: &str) -> bool {
    let last_is_there = !known.ends_with('}') || !path.ends_with('/');
    let (known, path) = (known.split('/'), path.split('/'));
    let is_same = |(known, part): (&str, &str)| known == part || known.starts_with('{');
    last_is_there && known.clone().count() == path.clone().count() && known.zip(path).all(is_same)
}

async fn unknown_path(State(app): State<Arc<App>>, request: Request) -> Response {
    exchange::refuse(&app, request, Refusal::unknown_path()).await
}

async fn wrong_method(State(app): State<Arc<App>>, request: Request) -> Response {
    exchange::refuse(&app, request, Refusal::wrong_method()).await
}
