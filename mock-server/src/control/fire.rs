//! `POST /__mock/webhooks/fire`: deliveries of an event that a test makes by hand.
//!
//! - `data` is left out: the event tells the present state of the crew member, as after a change. Without `crew` it is the
//!   one who has `document`, or the first one on the partner's fleet
//! - `data` is given: it is sent, with the ids of `crew` and `document`
//! - a type, a crew member or a document that does not exist is refused, unless `unknown` is true

use axum::Json;
use crewpass_diagnostics::did_you_mean;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::target::KeptBody;
use super::webhooks::{check_copies, one, wait};
use super::{Problem, TargetSession};
use crate::present::present;
use crate::session::SessionState;
use crate::webhook::{Alteration, EventType, Firing, NewEvent};

/// The way to send what does not exist.
const ANYWAY: &str = "to send it as it is, set `unknown` to true (`ctl webhooks fire --unknown`)";

/// Deliveries that a test fires by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fire {
    event_type: Box<str>,
    #[serde(default, deserialize_with = "present")]
    partner: Option<Box<str>>,
    #[serde(default, deserialize_with = "present")]
    url: Option<Box<str>>,
    #[serde(default, deserialize_with = "present")]
    crew: Option<Box<str>>,
    #[serde(default, deserialize_with = "present")]
    document: Option<Box<str>>,
    #[serde(default, deserialize_with = "present")]
    data: Option<Map<String, Value>>,
    #[serde(default)]
    unknown: bool,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default = "one")]
    schema_version: u32,
    #[serde(default = "one")]
    copies: u32,
    #[serde(default, deserialize_with = "present")]
    after: Option<String>,
    #[serde(default)]
    alter: Alteration,
}

pub(crate) async fn fire(
    TargetSession(session): TargetSession,
    KeptBody(fire, length): KeptBody<Fire>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    check_copies(fire.copies)?;
    let after = wait(fire.after.as_deref())?;
    let mut state = session.lock();
    let real = Timestamp::now();
    let now = state.clock.now(real);
    let first_partner = state.first_partner();
    let partner = fire.partner.clone().unwrap_or_else(|| first_partner.clone());
    let data = fire.data_of_event(&state, &partner, now)?;
    let firing = Firing {
        event: NewEvent {
            kind: fire.event_type,
            partner,
            data,
            schema_version: fire.schema_version,
            fields: fire.fields,
        },
        url: fire.url,
        copies: fire.copies,
        alteration: fire.alter,
        due: now.checked_add(after).unwrap_or(Timestamp::MAX),
        charge: Some(state.reserve(length)?),
    };
    let kind = firing.event.kind.clone();
    let fired = state.outbox.fire(firing, &first_partner, now)?;
    let count = fired["deliveries"].as_array().map_or(0, Vec::len);
    let detail = json!({"event_type": kind, "event_id": fired["event_id"], "deliveries": count});
    state.record_change(real, "fire", detail);
    Ok((StatusCode::ACCEPTED, Json(fired)))
}

impl Fire {
    /// Returns the `data` of the event.
    fn data_of_event(
        &self,
        state: &SessionState,
        partner: &str,
        now: Timestamp,
    ) -> Result<Map<String, Value>, Problem> {
        let kind = EventType::named(&self.event_type);
        if kind.is_none() && !self.unknown {
            return Err(unknown_type(&self.event_type));
        }
        let crew = match self.crew.as_deref().map(|id| state.find_crew(id)).transpose() {
            Err(_) if self.unknown => None,
            Err(error) => return Err(Problem::not_found(format!("{error}; {ANYWAY}"))),
            Ok(found) => {
                let of_document = || state.crew_with_document(self.document.as_deref()?);
                found.or_else(of_document).or_else(|| state.usual_crew(partner))
            }
        };
        let document = match crew.zip(self.document.as_deref()).map(|(crew, id)| state.find_document(crew, id)) {
            Some(Err(_)) if self.unknown => None,
            Some(Err(error)) => return Err(Problem::not_found(format!("{error}; {ANYWAY}"))),
            found => found.transpose()?,
        };
        let mut data = match (&self.data, kind, crew) {
            (Some(data), ..) => data.clone(),
            (None, Some(kind), Some(crew)) => state.present_data(crew, kind, document, now),
            (None, ..) => Map::new(),
        };
        for (name, id) in [("crew_unique_id", &self.crew), ("document_id", &self.document)] {
            if let Some(id) = id {
                data.insert(name.into(), Value::from(&**id));
            }
        }
        Ok(data)
    }
}

fn unknown_type(name: &str) -> Problem {
    let names = EventType::ALL.map(EventType::name);
    let hint = did_you_mean(name, names).unwrap_or_else(|| format!("the types are {}", names.join(", ")));
    Problem::bad_request(format!("there is no event type `{name}`; {hint}; {ANYWAY}"))
}
