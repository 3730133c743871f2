//! `/__mock/sessions`: worlds of their own on one server, for tests that run at once.
//!
//! `POST` opens one and answers 201 with its id, the base URL, its keys by name and where its controls are. All of the
//! body may be left out:
//!
//! - `"world"`: `"served"` (the default: the one that the server was started with), `"starter"`, a whole world as it
//!   stands in a file, or `{"generate": {"crew": 20, "documents": 5, "seed": 7, "hostile": false}}`
//! - `"seed"`: another seed than the world's
//! - `"policies"`: `{"dead_link": "410"}`
//! - `"faults"`: a list of rules, as `/__mock/faults` takes them
//! - `"clock"`: an instant at which its clock stands still
//! - `"journal"`: how many entries its journal keeps; 0 is none
//!
//! `DELETE /__mock/sessions/{id}` ends one. One that is not used ends by itself.

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
use crate::app::App;
use crate::fault::Fault;
use crate::session::{Session, SessionSpec};
use crate::world::World;

/// How a session begins.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    world: Option<Value>,
    seed: Option<u64>,
    #[serde(default)]
    policies: BTreeMap<String, String>,
    #[serde(default)]
    faults: Vec<Fault>,
    clock: Option<Timestamp>,
    journal: Option<usize>,
}

/// `{"generate": {…}}`.
#[cfg(feature = "generate")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    generate: Wanted,
}

#[cfg(feature = "generate")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    crew: u32,
    documents: u32,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    hostile: bool,
}

pub(crate) async fn open(
    State(app): State<Arc<App>>,
    incoming: IncomingRequest,
    OptionalBody(opening): OptionalBody<Opening>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let world = world(&app, opening.world.as_ref())?;
    let mut spec = SessionSpec { seed: opening.seed, frozen_at: opening.clock, ..SessionSpec::of(world) };
    spec.signing_secret.clone_from(&app.signing_secret);
    spec.journal = opening.journal.unwrap_or(app.journal);
    for (name, value) in &opening.policies {
        spec.policies.set(name, value).map_err(|error| Problem::bad_request(error.to_string()))?;
    }
    super::faults::can_be_together(&opening.faults)?;
    spec.faults = opening.faults;
    let session = app.sessions.open(spec, Timestamp::now()).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok((StatusCode::CREATED, Json(described(&session, &app.origins.of(&incoming)))))
}

pub(crate) async fn list(State(app): State<Arc<App>>, incoming: IncomingRequest) -> Json<Value> {
    let origin = app.origins.of(&incoming);
    let all = app.sessions.all(Timestamp::now());
    Json(json!({"sessions": all.iter().map(|session| described(session, &origin)).collect::<Vec<_>>()}))
}

pub(crate) async fn close(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    if app.sessions.close(&id) {
        return Ok(Json(json!({"closed": id})));
    }
    let told = if app.sessions.default_session().id.as_ref() == id {
        "the default session lives as long as the server; reset it instead".to_owned()
    } else {
        format!("there is no session `{id}`")
    };
    Err(Problem::not_found(told))
}

fn world(app: &App, wanted: Option<&Value>) -> Result<Arc<World>, Problem> {
    match wanted {
        None => Ok(app.sessions.default_session().world()),
        Some(Value::String(name)) if name == "served" => Ok(app.sessions.default_session().world()),
        Some(Value::String(name)) if name == "starter" => Ok(World::starter()),
        Some(Value::String(name)) => Err(Problem::bad_request(format!(
            "there is no world `{name}`: say `served` or `starter`, or send a whole one"
        ))),
        Some(whole @ Value::Object(fields)) if !fields.contains_key("generate") => {
            let text = serde_json::to_string_pretty(whole).unwrap_or_default();
            let world = World::parse(&text, "world", None);
            world.map(Arc::new).map_err(|error| Problem::bad_request(error.to_string()))
        }
        Some(made) => generated(made),
    }
}

/// Makes a world from a seed.
#[cfg(feature = "generate")]
fn generated(made: &Value) -> Result<Arc<World>, Problem> {
    use crate::world::generate::{Recipe, generate};

    let Made { generate: wanted } = serde_json::from_value(made.clone())
        .map_err(|error| Problem::bad_request(format!("`world` can't be read: {error}")))?;
    if u64::from(wanted.crew) * u64::from(wanted.documents.max(1)) > 1_000_000 {
        return Err(Problem::bad_request("a session's generated world has a million documents at most"));
    }
    let Wanted { crew, documents, seed, hostile } = wanted;
    let file = generate(&Recipe { crew, documents, seed, hostile });
    let built = World::build(file, "generated", None);
    built.map(Arc::new).map_err(|error| Problem::bad_request(error.to_string()))
}

#[cfg(not(feature = "generate"))]
fn generated(_: &Value) -> Result<Arc<World>, Problem> {
    Err(Problem::bad_request("this build can't generate worlds: the feature `generate` of crewpass-mock is off"))
}

fn described(session: &Session, origin: &str) -> Value {
    let state = session.lock();
    let keys: BTreeMap<&str, &str> = state
        .partners
        .iter()
        .flat_map(|partner| &partner.keys)
        .filter_map(|key| Some((&*key.name, key.key.as_ref()?.reveal())))
        .collect();
    json!({
        "id": session.id,
        "world": state.world().name,
        "base": origin,
        "control": format!("{origin}/__mock/sessions/{}", session.id),
        "keys": keys,
    })
}
