//! `/__mock/faults`: the fault rules, how often each fired, and whether all were consumed.
//!
//! - `GET` returns every rule, `{"faults": [{"name", "effect", "times", "matched", "fired"}]}`
//! - `POST` appends one rule, or a list of them: all or none. 409 if a name is taken
//! - `DELETE` removes all rules, `DELETE /faults/{name}` one
//! - `GET /faults/verify` returns 200 with the same as `GET` if each rule fired as often as it
//!   demands, else 409 with the rules that did not

use std::fmt;

use axum::Json;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use super::target::{KeptBody, PathParams};
use super::{Problem, TargetSession};
use crate::fault::{BadFault, Fault, FaultReport, Faults};

/// The reports of all rules.
#[derive(Debug, Serialize)]
pub(crate) struct FaultReports {
    faults: Vec<FaultReport>,
}

/// One rule, or a list of them.
pub(crate) struct NewFaults(Vec<Fault>);

impl<'de> Deserialize<'de> for NewFaults {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = NewFaults;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule or a list of rules")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NewFaults, A::Error> {
                Fault::deserialize(MapAccessDeserializer::new(map)).map(|fault| NewFaults(vec![fault]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<NewFaults, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(NewFaults)
            }
        }
        from.deserialize_any(OneOrMany)
    }
}

pub(crate) async fn show(TargetSession(session): TargetSession) -> Json<FaultReports> {
    Json(FaultReports { faults: session.lock().faults.reports() })
}

pub(crate) async fn add(
    TargetSession(session): TargetSession,
    KeptBody(NewFaults(faults), length): KeptBody<NewFaults>,
) -> Result<Json<FaultReports>, Problem> {
    let (mut state, real) = (session.lock(), Timestamp::now());
    let (now, count) = (state.clock.now(real), faults.len());
    let charge = state.reserve(length)?;
    state.faults.add(faults, now).map_err(|error| Problem::conflict("faults_refused", error.to_string()))?;
    state.faults.charge_last(count, charge);
    let reports = state.faults.reports();
    let added: Vec<_> = reports.iter().skip(reports.len() - count).map(|report| report.name.clone()).collect();
    state.record_change(real, "faults", json!({"added": added}));
    Ok(Json(FaultReports { faults: reports }))
}

pub(crate) async fn clear(TargetSession(session): TargetSession) -> Json<FaultReports> {
    let mut state = session.lock();
    state.faults.clear();
    state.record_change(Timestamp::now(), "faults", json!({"cleared": true}));
    Json(FaultReports { faults: Vec::new() })
}

pub(crate) async fn remove(
    TargetSession(session): TargetSession,
    path: PathParams,
) -> Result<Json<FaultReports>, Problem> {
    let name = path.get("fault");
    let mut state = session.lock();
    if state.faults.remove(name) {
        state.record_change(Timestamp::now(), "faults", json!({"removed": name}));
        return Ok(Json(FaultReports { faults: state.faults.reports() }));
    }
    let known: Vec<_> = state.faults.reports().into_iter().map(|report| format!("`{}`", report.name)).collect();
    Err(Problem::not_found(format!("there is no rule named `{name}`; the rules are {}", known.join(", "))))
}

pub(crate) async fn verify(TargetSession(session): TargetSession) -> Result<Json<FaultReports>, Problem> {
    match session.lock().faults.verify() {
        Ok(faults) => Ok(Json(FaultReports { faults })),
        Err(rest) => Err(Problem::conflict("faults_not_consumed", rest.to_string())),
    }
}

/// Checks that a session can start with these rules.
pub(super) fn check_rules(faults: &[Fault]) -> Result<(), Problem> {
    Ok(Faults::default().add(faults.to_vec(), Timestamp::UNIX_EPOCH)?)
}

impl From<BadFault> for Problem {
    fn from(error: BadFault) -> Self {
        Self::bad_request(error.to_string())
    }
}
