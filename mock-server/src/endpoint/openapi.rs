//! `GET /openapi.json`: the OpenAPI document, for tools. It is not an endpoint of the contract: it needs no key,
//! belongs to no session and leaves nothing in a journal.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::app_state::AppState;
use crate::error::Refusal;
use crate::pipeline;
use crate::request::IncomingRequest;
use crate::request_log::Observation;

const DOCUMENT: &str = include_str!("../../fixtures/contract/openapi.yaml");

/// Gives the document as JSON. It is converted at the first request.
pub(crate) async fn document(State(app): State<Arc<AppState>>, incoming: IncomingRequest) -> Response {
    static WRITTEN: OnceLock<Option<String>> = OnceLock::new();
    let observation = Observation::begin(&app, &incoming.parts).map(|observation| observation.beside_api("openapi"));
    let written = WRITTEN.get_or_init(|| {
        let read: Value = serde_saphyr::from_str(DOCUMENT).ok()?;
        Some(read.to_string())
    });
    let response = match written {
        Some(text) => ([(CONTENT_TYPE, "application/json")], text.as_str()).into_response(),
        // The fake's own answer, and then one as axum has it.
        None => Refusal::unknown_path().into_response().into_response(),
    };
    if let Some(observation) = observation {
        observation.answered(response.status());
    }
    pipeline::numbered(&app, response)
}

#[cfg(test)]
mod tests {
    use super::super::path_lookup::resources;
    use super::*;

    #[test]
    fn each_row_takes_the_query_and_body_that_the_document_describes() {
        let document: Value = serde_saphyr::from_str(DOCUMENT).unwrap();
        let is_query = |parameter: &Value| {
            let pointer = parameter["$ref"].as_str().map(|place| place.trim_start_matches('#'));
            pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(parameter)["in"] == "query"
        };
        for resource in resources() {
            let item = &document["paths"][resource.path()];
            for endpoint in resource.endpoints() {
                let operation = &item[endpoint.method.as_str().to_lowercase()];
                assert!(operation.is_object(), "{} is not described", endpoint.name);
                let parameters = [&item["parameters"], &operation["parameters"]];
                let has_query = parameters.into_iter().filter_map(Value::as_array).flatten().any(is_query);
                assert_eq!(endpoint.query, has_query, "{}: query", endpoint.name);
                assert_eq!(endpoint.body, operation["requestBody"].is_object(), "{}: body", endpoint.name);
            }
        }
    }
}
