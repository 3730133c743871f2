//! `/__mock/sessions`: separate worlds on one server, for tests that run at the same time.
//!
//! `POST` opens a session and returns 201 with its id, the base URL, its usual key, its keys by name,
//! the URL of its controls, and the first people of its world. All fields of the body are optional:
//!
//! - `"world"`: `"served"` (the default: the world that the server was started with), `"starter"`,
//!   a whole world as in a file, or `{"generate": {"crew": 20, "documents": 5, "seed": 7,
//!   "hostile": false}}`
//! - `"seed"`: another seed than the world's
//! - `"policies"`: `{"dead_link": "410"}`, beside those of the server
//! - `"faults"`: a list of rules, as for `/__mock/faults`
//! - `"clock"`: an instant at which its clock is frozen
//! - `"journal"`: the number of entries that its journal keeps; 0 turns it off
//!
//! `DELETE /__mock/sessions/{id}` ends a session. An idle session ends after a while.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::request::IncomingRequest;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Problem;
use super::target::OptionalBody;
use crate::app_state::AppState;
use crate::clock::time_field;
use crate::fault::Fault;
use crate::present::present;
use crate::secret::ApiKey;
#[cfg(feature = "generate")]
use crate::session::{BYTES_PER_PERSON, MAX_BYTES};
use crate::session::{Session, SessionSpec};
use crate::world::{CrewMember, World};

/// The request body for a new session.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    #[serde(default, deserialize_with = "present")]
    world: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    seed: Option<u64>,
    #[serde(default)]
    policies: BTreeMap<String, String>,
    #[serde(default)]
    faults: Vec<Fault>,
    #[serde(default, deserialize_with = "time_field")]
    clock: Option<Timestamp>,
    #[serde(default, deserialize_with = "present")]
    journal: Option<usize>,
}

/// A generated world: `{"generate": {…}}`.
#[cfg(feature = "generate")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneratedWorld {
    generate: GenerateOptions,
}

#[cfg(feature = "generate")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GenerateOptions {
    crew: u32,
    documents: u32,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    hostile: bool,
}

pub(crate) async fn open(
    State(app): State<Arc<AppState>>,
    incoming: IncomingRequest,
    OptionalBody(opening, length): OptionalBody<Opening>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let origin = app.origins.origin_for(&incoming);
    // A world takes long to make or to read, and other requests must not wait for it.
    let opened = tokio::task::spawn_blocking(move || {
        let session = open_session(&app, opening, length)?;
        let mut answer = session_json(&session, &origin);
        answer["contents"] = contents_json(&session);
        Ok((StatusCode::CREATED, Json(answer)))
    });
    opened.await.unwrap_or_else(|_| Err(Problem::bad_request("the session could not be opened")))
}

fn open_session(app: &AppState, opening: Opening, length: u64) -> Result<Arc<Session>, Problem> {
    let world = world(app, opening.world.as_ref())?;
    let begun = SessionSpec::new(world).with_settings(app.settings.clone());
    let mut spec = SessionSpec { seed: opening.seed, frozen_at: opening.clock, ..begun };
    spec.signing_secret.clone_from(&app.signing_secret);
    spec.journal = opening.journal.unwrap_or(app.journal);
    for (name, value) in &opening.policies {
        spec.policies.set(name, value).map_err(|error| Problem::bad_request(error.to_string()))?;
    }
    super::faults::check_rules(&opening.faults)?;
    spec.faults = opening.faults;
    let opened = app.sessions.open_holding(spec, length, Timestamp::now());
    opened.map_err(|error| Problem::bad_request(error.to_string()))
}

pub(crate) async fn list(State(app): State<Arc<AppState>>, incoming: IncomingRequest) -> Json<Value> {
    let origin = app.origins.origin_for(&incoming);
    let all = app.sessions.all(Timestamp::now());
    Json(json!({"sessions": all.iter().map(|session| session_json(session, &origin)).collect::<Vec<_>>()}))
}

pub(crate) async fn close(State(app): State<Arc<AppState>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    if app.sessions.close(&id) {
        return Ok(Json(json!({"closed": id})));
    }
    let message = if app.sessions.default_session().id.as_ref() == id {
        "the default session can't be closed; reset it instead".to_owned()
    } else {
        format!("there is no session `{id}`")
    };
    Err(Problem::not_found(message))
}

fn world(app: &AppState, wanted: Option<&Value>) -> Result<Arc<World>, Problem> {
    match wanted {
        None => Ok(app.sessions.default_session().world()),
        Some(Value::String(name)) if name == "served" => Ok(app.sessions.default_session().world()),
        Some(Value::String(name)) if name == "starter" => Ok(World::starter()),
        Some(Value::String(name)) => Err(Problem::bad_request(format!(
            "there is no world `{name}`: use `served` or `starter`, or send a whole world"
        ))),
        Some(whole @ Value::Object(fields)) if !fields.contains_key("generate") => {
            let text = serde_json::to_string_pretty(whole).unwrap_or_default();
            let world = World::parse(&text, "world", None);
            world.map(Arc::new).map_err(|error| Problem::bad_request(error.to_string()))
        }
        Some(made @ Value::Object(_)) => generated_world(made),
        Some(_) => Err(Problem::bad_request("`world` must be `served`, `starter`, or a whole world as an object")),
    }
}

/// The largest number of people in a generated world: as many as all sessions together may hold.
#[cfg(feature = "generate")]
const MAX_GENERATED_PEOPLE: u64 = MAX_BYTES / BYTES_PER_PERSON;

/// Makes a world from a seed.
#[cfg(feature = "generate")]
fn generated_world(made: &Value) -> Result<Arc<World>, Problem> {
    use crate::world::generate::{Recipe, generate};
    use crewpass_diagnostics::strict_json;

    let GeneratedWorld { generate: wanted } = strict_json::from_value(made.clone())
        .map_err(|error| Problem::bad_request(format!("`world` can't be read: {}", strict_json::message(&error))))?;
    // A limit on the memory that one request can take.
    if u64::from(wanted.crew) * u64::from(wanted.documents.max(1)) > 1_000_000 {
        return Err(Problem::too_large("a generated world of a session must not exceed a million documents"));
    }
    if u64::from(wanted.crew) > MAX_GENERATED_PEOPLE {
        let most = format!("a generated world of a session must not exceed {MAX_GENERATED_PEOPLE} people");
        return Err(Problem::too_large(most));
    }
    let GenerateOptions { crew, documents, seed, hostile } = wanted;
    let file = generate(&Recipe { crew, documents, seed, hostile });
    let built = World::build(file, "generated", None);
    built.map(Arc::new).map_err(|error| Problem::bad_request(error.to_string()))
}

#[cfg(not(feature = "generate"))]
fn generated_world(_: &Value) -> Result<Arc<World>, Problem> {
    Err(Problem::bad_request("this build can't generate worlds: the feature `generate` of crewpass-mock is off"))
}

fn session_json(session: &Session, origin: &str) -> Value {
    let state = session.lock();
    let keys: BTreeMap<&str, &str> = state
        .partners
        .iter()
        .flat_map(|partner| &partner.keys)
        .filter_map(|key| Some((&*key.name, key.text.as_ref()?.reveal())))
        .collect();
    json!({
        "id": session.id,
        "world": state.world().name,
        "base": origin,
        "control": format!("{origin}/__mock/sessions/{}", session.id),
        "key": state.key_named(None).map(ApiKey::reveal),
        "keys": keys,
    })
}

/// The number of people that an answer names, and of documents of each.
const MAX_NAMED: usize = 50;

/// Returns the size of a session's world, and its first people as the partner of the usual key sees them.
fn contents_json(session: &Session) -> Value {
    let world = session.world();
    let partner = world.keys().next().map(|(partner, ..)| partner.id.clone()).unwrap_or_default();
    let people: Vec<_> =
        world.crew.iter().take(MAX_NAMED).map(|person| person_json(&world, &partner, person)).collect();
    let documents = world.crew.iter().flat_map(|person| &person.documents).filter(|document| document.current).count();
    json!({
        "partners": world.partners.len(),
        "vessels": world.vessels.len(),
        "crew": world.crew.len(),
        "documents": documents,
        "people": people,
    })
}

fn person_json(world: &World, partner: &str, person: &CrewMember) -> Value {
    let consent = person.consent.iter().find(|(id, _)| id.as_str() == partner).map(|(_, scopes)| *scopes);
    let current = person.documents.iter().filter(|document| document.current);
    json!({
        "id": person.id,
        "on_fleet": person.on_fleet_of(world, partner),
        "consent": consent.unwrap_or_default(),
        "documents": current.map(|document| &document.id).take(MAX_NAMED).collect::<Vec<_>>(),
    })
}
