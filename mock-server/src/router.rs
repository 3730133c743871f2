//! The whole API on one screen.
//!
//! Its paths are matched here, by the tree that axum matches with, and answered without a boxed handler each: this is
//! the way of every request. All other paths are axum's.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::Service;

use crate::app::App;
use crate::body::{Body, Response};
use crate::endpoint::{documents, files, openapi, partners_me};
use crate::error::Refusal;
use crate::http::Peer;
use crate::path;
use crate::pipeline::{self, Answer, Endpoint};
use crate::request::{IncomingRequest, Step};

/// An endpoint of the API: its path, the step that it is, and by what a request is let in.
struct Route {
    path: &'static str,
    step: Step,
    by: By,
}

/// By what a request is let in.
enum By {
    /// By an API key; one that is let in gets what the endpoint says.
    Key(Endpoint),
    /// By the token in the path; one that is let in gets the file.
    Token,
}

/// The endpoints. All are read with GET, or with HEAD for the head alone.
#[rustfmt::skip]
static API: [Route; 4] = [
    Route { path: "/api/v2/partners/me", step: Step::Me, by: By::Key(partners_me::me) },
    Route { path: "/api/v2/employers/me/crew/{crew_unique_id}/documents", step: Step::List, by: By::Key(documents::list) },
    Route { path: "/api/v2/employers/me/crew/{crew_unique_id}/documents/{document_id}/download", step: Step::Link, by: By::Key(documents::link) },
    Route { path: "/api/v2/files/{token}", step: Step::File, by: By::Token },
];

static BY_PATH: LazyLock<matchit::Router<&Route>> = LazyLock::new(|| {
    API.iter().fold(matchit::Router::new(), |mut tree, route| {
        // The paths of the table do not contradict one another; one that did would answer 404 to every test of it.
        let _ = tree.insert(route.path, route);
        tree
    })
});

/// The endpoint of a path. The token of a link is long: the tree would look at each of its letters.
fn route_of(path: &str) -> Option<&'static Route> {
    if path::is_file(path) {
        return API.iter().find(|route| route.step == Step::File);
    }
    BY_PATH.at(path).ok().map(|found| *found.value)
}

/// The path of every step, with names in braces.
pub(crate) fn paths() -> impl Iterator<Item = (&'static str, Step)> {
    API.iter().map(|route| (route.path, route.step))
}

/// The step that a path is.
pub(crate) fn step_of(path: &str) -> Option<Step> {
    route_of(path).map(|route| route.step)
}

/// Answers every request of a run.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    app: Arc<App>,
    others: Router,
}

impl Routes {
    /// Over the fake's own controls, which are for tests.
    pub(crate) fn new(app: Arc<App>, controls: Router<Arc<App>>) -> Self {
        let others = Router::new()
            // For tools: the document of the API.
            .route("/openapi.json", get(openapi::document))
            .merge(controls)
            .fallback(unknown_path)
            .method_not_allowed_fallback(wrong_method)
            .with_state(Arc::clone(&app));
        Self { app, others }
    }

    /// Answers a request.
    pub(crate) fn answer(&self, peer: Arc<Peer>, mut request: Request<Incoming>) -> Answer {
        let Some(route) = route_of(request.uri().path()) else {
            request.extensions_mut().insert(peer);
            // Always ready, as a router is.
            let answering = self.others.clone().call(request);
            return Answer::Later(Box::pin(async move {
                let answer = answering.await.unwrap_or_else(|never| match never {});
                answer.map(|body| Body::new(body.map_err(Into::into)))
            }));
        };
        let incoming = IncomingRequest { parts: request.into_parts().0, peer };
        let is_head = incoming.parts.method == Method::HEAD;
        let answer = match route.by {
            _ if !is_head && incoming.parts.method != Method::GET => {
                pipeline::refuse(&self.app, incoming, Refusal::wrong_method())
            }
            By::Key(endpoint) => pipeline::answer(&self.app, incoming, route.step, endpoint),
            By::Token => files::follow(&self.app, incoming),
        };
        if is_head { answer.then(head_of) } else { answer }
    }
}

/// The head alone of an answer, with the length that its body would have.
fn head_of(mut response: Response) -> Response {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    response.map(|_| Body::empty())
}

async fn unknown_path(State(app): State<Arc<App>>, incoming: IncomingRequest) -> Response {
    pipeline::refuse(&app, incoming, Refusal::unknown_path()).whole().await
}

async fn wrong_method(State(app): State<Arc<App>>, incoming: IncomingRequest) -> Response {
    pipeline::refuse(&app, incoming, Refusal::wrong_method()).whole().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_where_the_paths_have_them() {
        for ids in [["crew_001", "doc_1"], ["%2F", "a%2Fb"], ["é.", "eyJ.-_~"], ["documents", "download"]] {
            for (path, step) in paths() {
                let filled = path.replace("{crew_unique_id}", ids[0]).replace("{document_id}", ids[1]);
                let filled = filled.replace("{token}", ids[1]);
                assert_eq!(step_of(&filled), Some(step), "{filled}");
                let crew = path.contains("{crew").then_some(ids[0]);
                assert_eq!(path::crew(&filled).map(|(crew, _)| crew), crew, "{filled}");
                let both = path.contains("{document").then_some((ids[0], ids[1]));
                assert_eq!(path::crew_and_document(&filled), both, "{filled}");
                assert_eq!(path::token(&filled), path.contains("{token").then_some(ids[1]), "{filled}");
            }
        }
    }
}
