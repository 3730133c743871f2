//! `/__mock/openapi.json`: the OpenAPI document of the control API.
//!
//! Most of it is maintained by hand. What follows from the code is added here: the paths of sessions, the answers of the
//! access check, of bodies and of bad Hosts, the names of endpoints, clauses, scopes and error codes, and the policies.

use std::sync::OnceLock;

use axum::Json;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::Problem;
use crate::clause;
use crate::endpoint::EndpointName;
use crate::error;
use crate::policy::Policies;
use crate::scope::Scope;

const DOCUMENT: &str = include_str!("../../fixtures/control/openapi.yaml");

/// Returns the document as JSON.
pub(crate) async fn openapi() -> Result<Json<&'static Value>, Problem> {
    static READ: OnceLock<Option<Value>> = OnceLock::new();
    let read = READ.get_or_init(|| serde_saphyr::from_str(DOCUMENT).ok().map(complete));
    read.as_ref().map(Json).ok_or_else(|| Problem::not_found("the document can't be read"))
}

fn complete(mut document: Value) -> Value {
    add_session_paths(&mut document);
    add_access_answers(&mut document);
    add_request_answers(&mut document);
    add_names(&mut document);
    document["components"]["schemas"]["Policies"] = policies_schema();
    document
}

/// Adds a copy of each path marked `x-per-session` below `/sessions/{session}`.
fn add_session_paths(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    let mut session_paths = Map::new();
    for (path, item) in paths.iter_mut() {
        if item.as_object_mut().is_some_and(|item| item.remove("x-per-session").is_some()) {
            session_paths.insert(format!("/sessions/{{session}}{path}"), session_path_item(item.clone()));
        }
    }
    paths.extend(session_paths);
}

fn session_path_item(mut item: Value) -> Value {
    let session = json!({"$ref": "#/components/parameters/session"});
    let parameters = item["parameters"].as_array().into_iter().flatten().cloned();
    item["parameters"] = std::iter::once(session).chain(parameters).collect();
    for operation in operations(&mut item) {
        if let Some(id) = operation["operationId"].as_str() {
            operation["operationId"] = format!("{id}OfSession").into();
        }
        // There may be no such session.
        add_answer(operation, "404", "Unknown");
    }
    item
}

/// Adds the refusals of the access check to each operation that is not open to anybody.
fn add_access_answers(document: &mut Value) {
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in operations(item).filter(|operation| operation["security"].is_null()) {
            add_answer(operation, "401", "Unauthorized");
            add_answer(operation, "403", "Forbidden");
        }
    }
}

/// Adds the answers to a bad Host, and to a body that is too large or too slow.
fn add_request_answers(document: &mut Value) {
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in operations(item) {
            if operation["requestBody"].is_object() {
                add_answer(operation, "408", "Slow");
                add_answer(operation, "413", "Large");
            }
            add_answer(operation, "400", "Malformed");
        }
    }
}

/// Returns the operations of a path.
fn operations(item: &mut Value) -> impl Iterator<Item = &mut Value> {
    item.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|member| member["responses"].is_object())
}

/// Adds an answer to an operation that does not describe one of this status.
fn add_answer(operation: &mut Value, status: &str, response: &str) {
    let described = operation["responses"].as_object_mut();
    let answer = json!({"$ref": format!("#/components/responses/{response}")});
    described.map(|responses| responses.entry(status).or_insert(answer));
}

/// Replaces each `x-names` by the `enum` of those names.
fn add_names(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(names) = members.remove("x-names") {
                members.insert("enum".to_owned(), names_of(names.as_str().unwrap_or_default()).into());
            }
            members.values_mut().for_each(add_names);
        }
        Value::Array(items) => items.iter_mut().for_each(add_names),
        _ => {}
    }
}

/// Returns the names of one kind; none of a kind that does not exist.
fn names_of(kind: &str) -> Vec<&'static str> {
    let steps = EndpointName::all();
    match kind {
        "steps" => steps.chain([EndpointName::NONE]).map(EndpointName::as_str).collect(),
        "answering_steps" => steps.map(EndpointName::as_str).collect(),
        "json_steps" => {
            let is_json = |step: &EndpointName| step.answers().is_some_and(crate::endpoint::Answers::is_json);
            steps.filter(is_json).map(EndpointName::as_str).collect()
        }
        "clauses" => clause::ALL.iter().map(|clause| clause.id).collect(),
        "scopes" => Scope::ALL.map(Scope::name).into(),
        "error_codes" => {
            let mut names: Vec<_> = error::CODES.iter().map(|code| code.name).collect();
            names.sort_unstable();
            names.dedup();
            names
        }
        _ => Vec::new(),
    }
}

/// Returns the schema of policy values by name.
fn policies_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<Policies>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_in_the_document_has_choices() {
        let document = complete(serde_saphyr::from_str(DOCUMENT).unwrap());
        let text = document.to_string();
        assert!(!text.contains("x-names") && !text.contains(r#""enum":[]"#));
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Step"]["enum"].as_array().unwrap().last().unwrap(), "none");
        let policies: Vec<_> = schemas["Policies"]["properties"].as_object().unwrap().keys().collect();
        let mut known: Vec<_> = Policies::names().collect();
        known.sort_unstable();
        assert_eq!(policies, known);
    }

    #[test]
    fn only_the_open_operation_has_no_answer_of_the_access_check() {
        let mut document = complete(serde_saphyr::from_str(DOCUMENT).unwrap());
        for (path, item) in document["paths"].as_object_mut().unwrap() {
            for operation in operations(item) {
                let refused = ["401", "403"].map(|status| operation["responses"][status].is_object());
                assert_eq!(refused, [path != "/health"; 2], "{path}");
            }
        }
    }
}
