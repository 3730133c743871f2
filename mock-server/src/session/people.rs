//! Changes of people at run time, with the events that they cause.

use crewpass_diagnostics::strict_json;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::state::SessionState;
use crate::scope::Scope;
use crate::webhook::EventType;
use crate::world::{CrewMember, Details, Profile, Text};

/// A change of what fleet, lookup, profile, photo and compliance show of a person. What is left out stays.
#[derive(Debug, Default)]
pub(crate) struct PersonChange {
    /// The name.
    pub(crate) name: Edit<Box<str>>,
    /// The rank.
    pub(crate) rank: Edit<Text>,
    /// A merge patch of the details (RFC 7396): null removes a field.
    pub(crate) details: Option<Map<String, Value>>,
}

/// A change of a value that a person may lack.
#[derive(Debug, Default)]
pub(crate) enum Edit<T> {
    /// It stays.
    #[default]
    Keep,
    /// It is this one, or none.
    Set(Option<T>),
}

impl<T> Edit<T> {
    /// Returns true if nothing changes.
    pub(crate) const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    pub(super) fn apply(self, value: &mut Option<T>) {
        if let Self::Set(new) = self {
            *value = new;
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Edit<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(from).map(Self::Set)
    }
}

/// The error of a change of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PersonError {
    /// The details would not be those of a world.
    #[error("`details` can't be changed: {0}")]
    Invalid(String),
    /// Another person has the address.
    #[error("`{0}` has this e-mail address already")]
    EmailTaken(String),
}

impl PersonChange {
    /// Returns true if nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_keep() && self.rank.is_keep() && self.details.is_none()
    }
}

impl SessionState {
    /// Changes a person. Nothing is changed if that would be a mistake in a world.
    pub(crate) fn change_person(&mut self, position: u32, change: PersonChange) -> Result<(), PersonError> {
        let details = change.details.map(|patch| self.patched_details(position, patch)).transpose()?;
        let person = self.crew_mut(position);
        change.name.apply(&mut person.name);
        change.rank.apply(&mut person.rank);
        if let Some(details) = details {
            person.details = Some(details.into());
        }
        Ok(())
    }

    /// Emits the events of a change of a person, who was like `before` (P; the name of the profile's event is D).
    pub(crate) fn emit_person_events(&mut self, position: u32, before: &CrewMember, now: Timestamp) {
        let data = moved_status(before, self.crew(position));
        if !data.is_empty() {
            self.emit_crew_event(position, EventType::StatusChanged, data, now);
        }
        let (earlier, present) = (ShownProfile::new(before), ShownProfile::new(self.crew(position)));
        if earlier.base != present.base {
            self.emit_crew_event(position, EventType::ProfileChanged, Map::new(), now);
        } else if earlier.full != present.full {
            // A partner that sees the base alone sees no change.
            self.emit_narrowed_event(position, EventType::ProfileChanged, Scope::ProfileFullRead, now);
        }
    }

    /// Returns the position of the person who has an e-mail address at present.
    pub(crate) fn position_of_email(&self, email: &str) -> Option<u32> {
        let is_changed = |position: &u32| self.modified_crew.contains_key(position);
        let mut changed = self.modified_crew.iter();
        let changed = changed.find(|(_, changed)| changed.person.has_email(email)).map(|(position, _)| *position);
        changed.or_else(|| self.world().position_of_email(email).filter(|position| !is_changed(position)))
    }

    fn patched_details(&self, position: u32, mut patch: Map<String, Value>) -> Result<Details, PersonError> {
        let invalid = |error: &serde_json::Error| PersonError::Invalid(strict_json::message(error));
        let person = self.crew(position);
        let present = person.details.as_deref();
        // A photo of the world is known by its place, which no JSON has.
        let photo = patch.remove("photo");
        let mut whole = serde_json::to_value(present.cloned().unwrap_or_default()).map_err(|error| invalid(&error))?;
        merge(&mut whole, Value::Object(patch));
        let mut details: Details = strict_json::from_value(whole).map_err(|error| invalid(&error))?;
        details.photo = match photo {
            None => present.and_then(|details| details.photo.clone()),
            Some(photo) => strict_json::from_value(photo).map_err(|error| invalid(&error))?,
        };
        self.world().check_details(&details, present).map_err(PersonError::Invalid)?;
        match details.email.as_deref().and_then(|email| self.position_of_email(email)) {
            Some(other) if other != position => Err(PersonError::EmailTaken(self.crew(other).id.to_string())),
            _ => Ok(details),
        }
    }
}

/// Merges a patch into a value (RFC 7396).
fn merge(value: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *value = patch;
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(fields) = value else { return };
    for (name, patch) in patch {
        if patch.is_null() {
            fields.remove(&name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), patch);
        }
    }
}

/// Returns the statuses of a person that moved, by their names on the wire.
fn moved_status(before: &CrewMember, person: &CrewMember) -> Map<String, Value> {
    let verification = |person: &CrewMember| person.details.as_ref().map(|details| details.verification);
    let check = |person: &CrewMember| person.details.as_ref().and_then(|details| details.background_check);
    let mut data = Map::new();
    let present = verification(person).unwrap_or_default();
    if verification(before).unwrap_or_default() != present {
        data.insert("verification_status".into(), present.name().into());
    }
    if check(before) != check(person) {
        let present = check(person).map(crate::world::BackgroundCheck::name);
        data.insert("background_check_status".into(), present.into());
    }
    data
}

/// Returns the statuses of a person, as an event has them in which both moved.
pub(super) fn present_status(person: &CrewMember) -> Map<String, Value> {
    let details = person.details.as_ref();
    let verification = details.map(|details| details.verification).unwrap_or_default().name();
    let check = details.and_then(|details| details.background_check).map(crate::world::BackgroundCheck::name);
    let statuses = [("verification_status", Value::from(verification)), ("background_check_status", check.into())];
    statuses.into_iter().map(|(name, status)| (name.to_owned(), status)).collect()
}

/// What a profile shows of a person, in its two parts.
struct ShownProfile {
    base: BaseProfile,
    full: Profile,
}

/// What a profile shows without the full block.
#[derive(PartialEq)]
struct BaseProfile {
    name: Option<Box<str>>,
    rank: Option<Text>,
    email: Option<Box<str>>,
    has_photo: bool,
    profile: Profile,
}

impl ShownProfile {
    fn new(person: &CrewMember) -> Self {
        let details = person.details.as_deref();
        let full = details.and_then(|details| details.profile.as_deref()).cloned().unwrap_or_default();
        let profile = Profile {
            employment_history: None,
            date_of_birth: None,
            address: None,
            passport: None,
            visas: None,
            ..full.clone()
        };
        let base = BaseProfile {
            name: person.name.clone(),
            rank: person.rank.clone(),
            email: details.and_then(|details| details.email.clone()),
            has_photo: details.is_some_and(|details| details.photo.is_some()),
            profile,
        };
        Self { base, full }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_merges_objects_and_removes_nulls() {
        let mut value = json!({"a": 1, "b": {"c": 2, "d": [1]}, "e": 3});
        merge(&mut value, json!({"a": null, "b": {"c": null, "d": [2], "f": {"g": null}}, "h": {"i": 4}}));
        assert_eq!(value, json!({"b": {"d": [2], "f": {}}, "e": 3, "h": {"i": 4}}));
    }
}
