//! `/__mock/crew/{id}`: change a person at run time. It takes effect at once, but for what a stored projection shows.
//!
//! - `{"vessels": ["ves_abc"]}`: the vessels of the person; with none the person is in no fleet
//! - `{"consent": {"prt_123": ["crew:documents:read"]}}` replaces the scopes of the partners that it names
//! - `{"name": "Ana", "rank": null}`: null is none
//! - `{"details": {"verification": "verified", "background_check": null, "profile": {"bio": "Chef."}}}`: what fleet,
//!   lookup, profile, photo and compliance show, merged into what is there; null removes a field
//!
//! Fields that are left out stay unchanged. The response has the state after the change, and the names of the changed
//! fields beside vessels and consent; it holds no personal data.

use std::collections::BTreeMap;

use axum::Json;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::target::{KeptBody, PathParams};
use super::{Problem, TargetSession};
use crate::present::present;
use crate::scope::ScopeSet;
use crate::session::{Edit, PersonChange, PersonError, SessionState};
use crate::world::Text;

/// A change of a crew member.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrewChange {
    #[serde(default, deserialize_with = "present")]
    vessels: Option<Vec<String>>,
    #[serde(default)]
    consent: BTreeMap<String, ScopeSet>,
    #[serde(default)]
    name: Edit<Box<str>>,
    #[serde(default)]
    rank: Edit<Text>,
    #[serde(default, deserialize_with = "present")]
    details: Option<Map<String, Value>>,
}

pub(crate) async fn change(
    TargetSession(session): TargetSession,
    path: PathParams,
    KeptBody(change, length): KeptBody<CrewChange>,
) -> Result<Json<Value>, Problem> {
    let id = path.get("crew");
    let mut state = session.lock();
    let position = state.find_crew(id)?;
    change.check_references(&state)?;
    // What the change adds at most, until the person is charged.
    let _reserved = state.reserve(length)?;
    let CrewChange { vessels, consent, name, rank, details } = change;
    let changed = changed_names(!name.is_keep(), !rank.is_keep(), details.as_ref());
    let before = state.crew(position).without_documents();
    let more = PersonChange { name, rank, details };
    if !more.is_empty() {
        state.change_person(position, more)?;
    }
    let person = state.crew_mut(position);
    if let Some(vessels) = &vessels {
        person.vessels = vessels.iter().map(|id| Text::from(id.as_str())).collect::<Box<[_]>>().into();
    }
    person.consent.to_mut().extend(consent.iter().map(|(partner, scopes)| (Text::from(partner.as_str()), *scopes)));
    let mut response = json!({"id": id, "vessels": person.vessels, "consent": person.consent});
    if !changed.is_empty() {
        response["changed"] = json!(changed);
    }
    state.charge_person(position);
    let real = Timestamp::now();
    state.record_change(real, "crew", response.clone());
    let now = state.clock.now(real);
    state.emit_person_events(position, &before, now);
    state.update_projections(now);
    Ok(Json(response))
}

impl CrewChange {
    /// Checks that the vessels and partners exist.
    fn check_references(&self, state: &SessionState) -> Result<(), Problem> {
        if let Some(unknown) = self.vessels.iter().flatten().find(|vessel| state.world().vessel(vessel).is_none()) {
            return Err(Problem::not_found(format!("there is no vessel `{unknown}` in this world")));
        }
        if let Some(unknown) = self.consent.keys().find(|partner| state.world().partner(partner).is_none()) {
            return Err(Problem::not_found(format!("there is no partner `{unknown}` in this world")));
        }
        Ok(())
    }
}

/// Returns the names of the fields that a change names.
fn changed_names(name: bool, rank: bool, details: Option<&Map<String, Value>>) -> Vec<String> {
    let fields = [("name", name), ("rank", rank)].into_iter().filter(|(_, is_given)| *is_given);
    let details = details.into_iter().flat_map(Map::keys).map(|name| format!("details.{name}"));
    fields.map(|(name, _)| name.to_owned()).chain(details).collect()
}

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Invalid(_) => Self::bad_request(error.to_string()),
            PersonError::EmailTaken(_) => Self::conflict("email_taken", error.to_string()),
        }
    }
}
