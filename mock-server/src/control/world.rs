//! `GET /__mock/world`: who is in the session's world at present.
//!
//! - the partners with their keys, and what is granted to each; the vessels; the crew members with
//!   every version of their documents, their details with personal data masked, and what a compliance check
//!   says of each vessel, after all changes
//! - `endpoints` are the endpoints of the API, and `base` is the base URL for clients
//! - `limit` is the largest number of crew members (50 by default, 1,000 at most), and `find` a text
//!   that the id or the name of a crew member contains

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::target::QueryParams;
use super::{Problem, TargetSession};
use crate::app_state::AppState;
use crate::endpoint::EndpointName;
use crate::journal::mask_json;
use crate::request::IncomingRequest;
use crate::session::SessionState;
use crate::world::{BackgroundCheck, CrewMember, Day, Details, Document, Key, Partner, WrittenDay};

/// The number of crew members by default, and at most.
const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1_000;

/// The query parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    find: Option<String>,
    limit: Option<usize>,
}

pub(crate) async fn show(
    State(app): State<Arc<AppState>>,
    TargetSession(session): TargetSession,
    QueryParams(query): QueryParams<Query>,
    incoming: IncomingRequest,
) -> Result<Json<Value>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        return Err(Problem::bad_request(format!("`limit` must not exceed {MAX_LIMIT}")));
    }
    let find = query.find.unwrap_or_default().to_lowercase();
    let mut state = session.lock();
    let now = state.clock.now(Timestamp::now());
    state.update_projections(now);
    let state = state;
    let world = state.world();
    let count = u32::try_from(world.crew.len()).unwrap_or(u32::MAX);
    let matching: Vec<u32> = (0..count).filter(|position| matches(state.crew(*position), &find)).collect();
    let crew = matching.iter().take(limit).map(|position| person_json(&state, *position, now));
    Ok(Json(json!({
        "session": session.id,
        "name": world.name,
        "mode": world.mode.name(),
        "base": app.origins.origin_for(&incoming),
        "endpoints": EndpointName::all().filter_map(endpoint_json).collect::<Vec<_>>(),
        "partners": partners_json(&state),
        "vessels": state.vessels().collect::<Vec<_>>(),
        "crew": crew.collect::<Vec<_>>(),
        "crew_matching": matching.len(),
        "crew_total": world.crew.len(),
    })))
}

/// Returns true if the id or the name of a crew member contains a text in lower case.
fn matches(person: &CrewMember, find: &str) -> bool {
    let contains = |text: &str| text.to_lowercase().contains(find);
    find.is_empty() || contains(&person.id) || person.name.as_deref().is_some_and(contains)
}

fn endpoint_json(endpoint: EndpointName) -> Option<Value> {
    let (method, path) = endpoint.method_and_path()?;
    Some(json!({"name": endpoint, "method": method, "path": path, "scope": endpoint.scope()}))
}

fn partners_json(state: &SessionState) -> Vec<Value> {
    let partner_json = |partner: &Partner| {
        json!({
            "id": partner.id,
            "display_name": partner.display_name,
            "api_enabled": partner.api_enabled,
            "granted_scopes": partner.granted_scopes,
            "keys": partner.keys.iter().filter_map(|key| key_json(partner, key)).collect::<Vec<_>>(),
        })
    };
    state.partners.iter().map(partner_json).collect()
}

/// Returns a key with the scopes that it has, which are those of its partner or fewer.
fn key_json(partner: &Partner, key: &Key) -> Option<Value> {
    let text = key.text.as_ref()?;
    Some(json!({
        "name": key.name,
        "key": text.reveal(),
        "mode": text.mode().map(crate::world::Mode::name),
        "revoked": key.revoked,
        "granted_scopes": partner.granted_to(key),
    }))
}

fn person_json(state: &SessionState, position: u32, now: Timestamp) -> Value {
    let (person, first_day) = (state.crew(position), state.first_day);
    json!({
        "id": person.id,
        "name": person.name,
        "rank": person.rank,
        "vessels": person.vessels,
        "consent": person.consent,
        "details": details_json(person),
        "compliance": state.compliance_summary(position, now),
        "documents": person.documents.iter().map(|document| document_json(document, first_day)).collect::<Vec<_>>(),
    })
}

/// Returns what fleet, lookup, profile and photo show of a person. Personal data is masked.
fn details_json(person: &CrewMember) -> Value {
    let none = Details::default();
    let details = person.details.as_deref().unwrap_or(&none);
    let roles: Map<String, Value> = person
        .vessels
        .iter()
        .filter_map(|vessel| Some((vessel.to_string(), person.role_on(vessel)?.as_str().into())))
        .collect();
    let mut json = json!({
        "email": details.email,
        "verification_status": details.verification.name(),
        "background_check_status": details.background_check.map(BackgroundCheck::name),
        "roles": roles,
        "has_photo": details.photo.is_some(),
        "profile": details.profile,
    });
    mask_json(&mut json);
    json
}

fn document_json(document: &Document, first_day: i32) -> Value {
    let day = |day: Option<Day>| day.map(|day| WrittenDay::from_days(day.resolve(first_day)));
    json!({
        "id": document.id,
        "version": document.version,
        "current": document.current,
        "supersedes": document.supersedes,
        "type": document.kind,
        "category": document.category,
        "title": document.title,
        "issuer": document.issuer,
        "verification_status": document.verification_status,
        "issue_date": day(document.issue_date),
        "expiry_date": day(document.expiry_date),
        "document_number": document.number,
        "file_name": document.file.name,
        "content_type": document.file.content_type,
        "store": document.store,
    })
}
