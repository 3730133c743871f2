//! The parts of an expectation beside the documents: partner, vessels, fleet, lookup, profile, photo and compliance.

use std::ops::Index;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::expect::Another;

/// Known values of fields, by the names of the documentation. Each must match, as far as it is given: of an object, the
/// fields that are given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Values(pub Map<String, Value>);

impl Index<&str> for Values {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }
}

impl Values {
    /// Returns the text of a field.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

/// The known facts about a vessel.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vessel {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// False if the vessel is not on the tester's fleet.
    #[serde(default = "yes")]
    pub fleet: bool,
    /// Set if the vessel is on another partner's fleet; with `fleet: true`, on both.
    #[serde(default)]
    pub fleet_of: Option<Another>,
}

/// The known facts about a lookup.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lookup {
    /// The field of the address in the body; no page names it.
    pub field: Option<String>,
}

/// The known facts about a photo.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Picture {
    /// The SHA-256 of its bytes, in hexadecimal.
    #[schemars(regex(pattern = r"^[0-9A-Fa-f]{64}$"))]
    pub sha256: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
}

/// The known facts about the callback of the tester's webhooks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// The types of events that it is set up for; all if they are not given.
    pub events: Option<Vec<String>>,
    /// Set if the timestamps are not real time, such as those of a server whose clock is moved.
    pub timestamp: Option<SessionTime>,
}

/// The only value of `timestamp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionTime {
    /// The time on the clock of the server.
    Session,
}

const fn yes() -> bool {
    true
}

/// Returns true if a value is the expected one: numbers by their value, objects by the fields that are expected.
pub(super) fn is_same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(some), Value::Array(others)) => {
            some.len() == others.len() && some.iter().zip(others).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(fields), Value::Object(_)) => {
            fields.iter().all(|(name, value)| found.get(name).is_some_and(|found| is_same(value, found)))
        }
        _ => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_the_same_as_far_as_they_are_known() {
        assert!(is_same(&json!({"a": [1, {"b": null}]}), &json!({"a": [1.0, {"b": null, "c": 2}], "d": 3})));
        for (expected, found) in [
            (json!({"a": 1}), json!({"a": 2})),
            (json!({"a": null}), json!({})),
            (json!([1]), json!([1, 2])),
            (json!("1"), json!(1)),
        ] {
            assert!(!is_same(&expected, &found), "{expected} {found}");
        }
    }
}
