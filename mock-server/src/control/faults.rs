//! `/__mock/faults`: the rules that make answers fail, how often each fired, and whether all were consumed as told.
//!
//! - `GET` tells of every rule, `{"faults": [{"name", "effect", "times", "matched", "fired"}]}`
//! - `POST` appends one rule, or a list of them: all or none
//! - `DELETE` takes all away, `DELETE /faults/{name}` one
//! - `GET /faults/verify` is 200 with the same as `GET` if each was consumed as told, else 409 that says which was not

use std::fmt;

use axum::Json;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use super::target::{Body, Named};
use super::{Problem, Target};
use crate::fault::{BadFault, Fault, FaultReport, Faults};

/// What became of the rules.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    faults: Vec<FaultReport>,
}

/// One rule, or a list of them.
pub(crate) struct Given(Vec<Fault>);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule or a list of rules")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Given, A::Error> {
                Fault::deserialize(MapAccessDeserializer::new(map)).map(|fault| Given(vec![fault]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Given, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Given)
            }
        }
        from.deserialize_any(Either)
    }
}

pub(crate) async fn show(Target(session): Target) -> Json<Shown> {
    Json(Shown { faults: session.lock().faults.reports() })
}

pub(crate) async fn add(Target(session): Target, Body(Given(faults)): Body<Given>) -> Result<Json<Shown>, Problem> {
    let (mut state, real) = (session.lock(), Timestamp::now());
    let (now, count) = (state.clock.now(real), faults.len());
    state.faults.add(faults, now)?;
    let reports = state.faults.reports();
    let added: Vec<_> = reports.iter().skip(reports.len() - count).map(|report| report.name.clone()).collect();
    state.note(real, "faults", json!({"added": added}));
    Ok(Json(Shown { faults: reports }))
}

pub(crate) async fn clear(Target(session): Target) -> Json<Shown> {
    let mut state = session.lock();
    state.faults.clear();
    state.note(Timestamp::now(), "faults", json!({"cleared": true}));
    Json(Shown { faults: Vec::new() })
}

pub(crate) async fn remove(Target(session): Target, named: Named) -> Result<Json<Shown>, Problem> {
    let name = named.part("fault");
    let mut state = session.lock();
    if state.faults.remove(name) {
        state.note(Timestamp::now(), "faults", json!({"removed": name}));
        return Ok(Json(Shown { faults: state.faults.reports() }));
    }
    let there: Vec<_> = state.faults.reports().into_iter().map(|report| format!("`{}`", report.name)).collect();
    Err(Problem::not_found(format!("there is no rule `{name}`; the rules are {}", there.join(", "))))
}

pub(crate) async fn verify(Target(session): Target) -> Result<Json<Shown>, Problem> {
    match session.lock().faults.verify() {
        Ok(faults) => Ok(Json(Shown { faults })),
        Err(rest) => Err(Problem::conflict("faults_not_consumed", rest.to_string())),
    }
}

/// Whether a session can begin with these rules.
pub(super) fn can_be_together(faults: &[Fault]) -> Result<(), Problem> {
    Ok(Faults::default().add(faults.to_vec(), Timestamp::UNIX_EPOCH)?)
}

impl From<BadFault> for Problem {
    fn from(error: BadFault) -> Self {
        Self::bad_request(error.to_string())
    }
}
