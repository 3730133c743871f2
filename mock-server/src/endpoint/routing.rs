//! The routing of every request. The paths of the table are answered without a boxed handler each, since
//! every API request takes this way; all other paths are axum's.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::Service;

use super::definition::{Access, Endpoint};
use super::path_lookup::Resource;
use super::{EndpointName, find, openapi};
use crate::app_state::AppState;
use crate::body::{Body, Response};
use crate::error::Refusal;
use crate::http::Peer;
use crate::origin::has_valid_host;
use crate::pipeline::{self, Answer};
use crate::request::IncomingRequest;
use crate::request_body::RequestBody;

/// The router of a run.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    app: Arc<AppState>,
    others: Arc<Others>,
}

/// The routes outside the table, built on first use: building them takes longer than the rest of a start, apart from
/// reading the world.
type Others = LazyLock<Router, Box<dyn FnOnce() -> Router + Send>>;

/// Makes the routes of the control API.
type MakeControls = fn(Arc<AppState>) -> Router<Arc<AppState>>;

impl Routes {
    /// Routes the API, and besides it the control API, which is for tests, unless `controls` is `None`.
    pub(crate) fn new(app: Arc<AppState>, controls: Option<MakeControls>) -> Self {
        let state = Arc::clone(&app);
        let make = move || {
            Router::new()
                // For tools: the document of the API.
                .route("/openapi.json", get(openapi::document))
                .merge(controls.map_or_else(Router::new, |make| make(Arc::clone(&state))))
                .fallback(unknown_path)
                .method_not_allowed_fallback(wrong_method)
                .with_state(state)
        };
        Self { app, others: Arc::new(LazyLock::new(Box::new(make))) }
    }

    /// Answers a request.
    pub(crate) fn answer(&self, peer: Arc<Peer>, request: Request<Incoming>) -> Answer {
        let (mut parts, body) = request.into_parts();
        let is_head = parts.method == Method::HEAD;
        if !has_valid_host(&parts, &peer) {
            let incoming = IncomingRequest::without_body(parts, peer);
            let answer = pipeline::refuse_malformed(&self.app, incoming);
            return if is_head { answer.then(head_of) } else { answer };
        }
        let Some(resource) = find(parts.uri.path()) else {
            parts.extensions.insert(peer);
            let request = Request::from_parts(parts, body);
            // A router is always ready.
            let answering = Router::clone(&self.others).call(request);
            return Answer::Later(Box::pin(async move {
                let answer = answering.await.unwrap_or_else(|never| match never {});
                answer.map(|body| Body::new(body.map_err(Into::into)))
            }));
        };
        let endpoint = resource.endpoint(&parts.method);
        let incoming = IncomingRequest::without_body(parts, peer);
        let answer = match endpoint {
            None => refuse_method(&self.app, incoming, resource),
            Some(endpoint) if endpoint.body => with_body(Arc::clone(&self.app), endpoint, incoming, body),
            Some(endpoint) => handle(&self.app, endpoint, incoming),
        };
        if is_head { answer.then(head_of) } else { answer }
    }
}

/// Refuses a method that a path does not take. With a link it belongs to the session that gave the link.
fn refuse_method(app: &Arc<AppState>, incoming: IncomingRequest, resource: &'static Resource) -> Answer {
    let refusal = Refusal::wrong_method(resource.allow());
    for endpoint in resource.endpoints() {
        if let Access::Link(handler) = &endpoint.access {
            return handler(app, EndpointName::from(Some(*endpoint)), incoming, Some(refusal));
        }
    }
    pipeline::refuse(app, incoming, refusal)
}

/// Hands a request to its endpoint.
fn handle(app: &Arc<AppState>, endpoint: &'static Endpoint, incoming: IncomingRequest) -> Answer {
    let name = EndpointName::from(Some(endpoint));
    match &endpoint.access {
        Access::Key(needs) => pipeline::answer(app, incoming, name, needs),
        Access::Link(handler) => handler(app, name, incoming, None),
    }
}

/// Reads the request body, then answers.
fn with_body(app: Arc<AppState>, endpoint: &'static Endpoint, incoming: IncomingRequest, body: Incoming) -> Answer {
    Answer::Later(Box::pin(async move {
        let body = RequestBody::read(body, app.body_timeout).await;
        handle(&app, endpoint, IncomingRequest { body, ..incoming }).whole().await
    }))
}

/// Reduces a response to its head, with the length that its body would have.
fn head_of(mut response: Response) -> Response {
    let has_length = response.status() != StatusCode::NOT_MODIFIED;
    if let Some(length) = response.body().size_hint().exact().filter(|_| has_length) {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    response.map(|_| Body::empty())
}

async fn unknown_path(State(app): State<Arc<AppState>>, incoming: IncomingRequest) -> Response {
    pipeline::refuse(&app, incoming, Refusal::unknown_path()).whole().await
}

/// Refuses a wrong method on a path outside the API; all of those are read with GET or HEAD.
async fn wrong_method(State(app): State<Arc<AppState>>, incoming: IncomingRequest) -> Response {
    pipeline::refuse(&app, incoming, Refusal::wrong_method("GET, HEAD")).whole().await
}
