//! Changes of partners, keys and documents at run time. They take effect at once.
//!
//! - `POST /__mock/partners/{id}`: `{"granted_scopes": ["crew:documents:read"], "api_enabled":
//!   true}`
//! - `POST /__mock/keys/{name}`: `{"revoked": true}`
//! - `POST /__mock/crew/{id}/documents/{document_id}`: `{"verification_status": "rejected", "store":
//!   "down"}`, for the current version; with `"store": "down"` the file store can't give its file
//!
//! Fields that are left out stay unchanged. The response has the state after the change.

use axum::Json;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::target::{JsonBody, PathParams};
use super::{Problem, TargetSession};
use crate::present::present;
use crate::scope::ScopeSet;
use crate::world::{DocumentStore, Status};

/// A change of a partner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartnerChange {
    #[serde(default, deserialize_with = "present")]
    granted_scopes: Option<ScopeSet>,
    #[serde(default, deserialize_with = "present")]
    api_enabled: Option<bool>,
}

pub(crate) async fn partner(
    TargetSession(session): TargetSession,
    path: PathParams,
    JsonBody(change): JsonBody<PartnerChange>,
) -> Result<Json<Value>, Problem> {
    let id = path.get("partner");
    let mut state = session.lock();
    let known = state.partner_mut(id).ok_or_else(|| Problem::not_found(format!("there is no partner `{id}`")))?;
    known.granted_scopes = change.granted_scopes.unwrap_or(known.granted_scopes);
    known.api_enabled = change.api_enabled.unwrap_or(known.api_enabled);
    let response = json!({"id": id, "granted_scopes": known.granted_scopes, "api_enabled": known.api_enabled});
    state.record_change(Timestamp::now(), "partner", response.clone());
    Ok(Json(response))
}

/// A change of a key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyChange {
    revoked: bool,
}

pub(crate) async fn key(
    TargetSession(session): TargetSession,
    path: PathParams,
    JsonBody(change): JsonBody<KeyChange>,
) -> Result<Json<Value>, Problem> {
    let name = path.get("key");
    let mut state = session.lock();
    let mut keys = state.partners.iter_mut().flat_map(|partner| &mut partner.keys);
    let known = keys.find(|key| *key.name == *name);
    known.ok_or_else(|| Problem::not_found(format!("there is no key named `{name}`")))?.revoked = change.revoked;
    let response = json!({"name": name, "revoked": change.revoked});
    state.record_change(Timestamp::now(), "key", response.clone());
    Ok(Json(response))
}

/// A change of a document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentChange {
    #[serde(default, deserialize_with = "present")]
    verification_status: Option<Status>,
    #[serde(default, deserialize_with = "present")]
    store: Option<DocumentStore>,
}

pub(crate) async fn document(
    TargetSession(session): TargetSession,
    path: PathParams,
    JsonBody(change): JsonBody<DocumentChange>,
) -> Result<Json<Value>, Problem> {
    let (id, document) = (path.get("crew"), path.get("document"));
    let mut state = session.lock();
    let position = state.find_crew(id)?;
    let at = state.current_document(position, document)?;
    let DocumentChange { verification_status, store } = change;
    if verification_status.is_none() && store.is_none() {
        return Err(Problem::bad_request("name a change: verification_status or store"));
    }
    let changed = &mut state.crew_mut(position).documents[at];
    let before = changed.verification_status;
    changed.verification_status = verification_status.unwrap_or(changed.verification_status);
    changed.store = store.unwrap_or(changed.store);
    let (status, store) = (changed.verification_status, changed.store);
    let response = json!({"document_id": document, "verification_status": status, "store": store});
    let mut note = response.clone();
    note["crew"] = id.into();
    let real = Timestamp::now();
    state.record_change(real, "document", note);
    let now = state.clock.now(real);
    state.emit_document_event(position, at, Some(before), now);
    state.update_projections(now);
    Ok(Json(response))
}
