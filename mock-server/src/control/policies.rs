//! `/__mock/policies`: read the session's policies, and set some of them.
//!
//! `GET` returns every policy, `{"link_ttl": "900s", "dead_link": "404", …}`, as does `POST` with
//! the policies to change: `{"dead_link": "410"}`. An unknown name or value changes nothing and is
//! answered with the choices.
//!
//! `GET /__mock/policies/choices` returns each policy with a title, its value, its default and its
//! choices: `{"policies": [{"name", "title", "value", "default", "values", "choices"}]}`. `values`
//! is null if there are too many to list.

use std::collections::BTreeMap;

use axum::Json;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::target::JsonBody;
use super::{Problem, TargetSession};
use crate::policy::Policies;

pub(crate) async fn show(TargetSession(session): TargetSession) -> Json<Policies> {
    Json(session.lock().policies.clone())
}

pub(crate) async fn choices(TargetSession(session): TargetSession) -> Json<Value> {
    let present = session.lock().policies.entries();
    let (defaults, choices, listed) = (Policies::default().entries(), Policies::choices(), Policies::listed_values());
    let schema = schemars::schema_for!(Policies);
    let all = present.into_iter().zip(defaults).zip(choices).map(|(((name, value), (_, default)), (_, choices))| {
        let title = schema.pointer(&format!("/properties/{name}/description"));
        let values = listed.iter().find(|(known, _)| *known == name).map(|(_, values)| *values);
        json!({
            "name": name,
            "title": title,
            "value": value,
            "default": default,
            "values": values,
            "choices": choices,
        })
    });
    Json(json!({"policies": all.collect::<Vec<_>>()}))
}

pub(crate) async fn change(
    TargetSession(session): TargetSession,
    JsonBody(changes): JsonBody<BTreeMap<String, String>>,
) -> Result<Json<Policies>, Problem> {
    let mut state = session.lock();
    // Changed on a copy, so that an invalid value leaves all policies as they were.
    let mut policies = state.policies.clone();
    for (name, value) in &changes {
        policies.set(name, value).map_err(|error| Problem::bad_request(error.to_string()))?;
    }
    state.policies = policies.clone();
    // Policies affect the lists: their order and their fields.
    state.clear_list_cache();
    state.record_change(Timestamp::now(), "policies", json!(changes));
    Ok(Json(policies))
}
