//! `GET /openapi.json`: the document of the API, for tools that read one. It is no endpoint of the contract: it asks for
//! no key, takes no part in a session and leaves no trace in a journal.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::app::App;
use crate::error::Refusal;
use crate::pipeline;

const DOCUMENT: &str = include_str!("../../fixtures/contract/openapi.yaml");

/// Gives the document as JSON; it is converted when it is first asked for.
pub(crate) async fn document(State(app): State<Arc<App>>) -> Response {
    static WRITTEN: OnceLock<Option<String>> = OnceLock::new();
    let written = WRITTEN.get_or_init(|| {
        let read: Value = serde_saphyr::from_str(DOCUMENT).ok()?;
        Some(read.to_string())
    });
    let response = match written {
        Some(text) => ([(CONTENT_TYPE, "application/json")], text.as_str()).into_response(),
        // The fake's own answer, and then one as axum has it.
        None => Refusal::unknown_path().into_response().into_response(),
    };
    pipeline::numbered(&app, response)
}
