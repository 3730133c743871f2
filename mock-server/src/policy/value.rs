//! The text form of policy values, which is their serde form.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Serialize};

/// A value of a policy, as text.
pub(super) trait PolicyValue {
    /// Returns the possible values, for messages.
    fn choices(&self) -> String;

    /// Returns the possible values, if they can be listed.
    fn values(&self) -> Option<&'static [&'static str]>;

    /// Replaces the value if the text is valid; returns true if it is.
    fn replace(&mut self, text: &str) -> bool;

    /// Returns the value in the form that [`PolicyValue::replace`] parses.
    fn to_text(&self) -> String;
}

/// A policy whose serde form is its text.
pub(super) trait Choice: Serialize + DeserializeOwned {
    /// The possible values, for messages; `None` for a plain enum, whose names serde knows.
    const CHOICES: Option<&'static str> = None;
}

impl<T: Choice> PolicyValue for T {
    fn choices(&self) -> String {
        let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        T::CHOICES.map_or_else(|| quoted(variants::<T>()), str::to_owned)
    }

    fn values(&self) -> Option<&'static [&'static str]> {
        if T::CHOICES.is_some() { None } else { Some(variants::<T>()) }
    }

    fn replace(&mut self, text: &str) -> bool {
        parse(text).map(|value| *self = value).is_ok()
    }

    fn to_text(&self) -> String {
        let name = serde_json::to_value(self).unwrap_or_default();
        name.as_str().unwrap_or_default().to_owned()
    }
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, NotAChoice> {
    T::deserialize(StrDeserializer::new(text))
}

/// Returns the names of a plain enum. An empty name is not one of them, and serde's refusal lists those that are.
fn variants<T: DeserializeOwned>() -> &'static [&'static str] {
    parse::<T>("").err().unwrap_or_default().0
}

/// The refusal of a name, with those that are possible.
#[derive(Debug, Default)]
struct NotAChoice(&'static [&'static str]);

impl Error for NotAChoice {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

impl fmt::Display for NotAChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {:?}", self.0)
    }
}

impl std::error::Error for NotAChoice {}
