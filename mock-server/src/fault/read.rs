//! Deserializers for values used in several parts of a rule: durations, booleans, and values
//! written as a scalar or as a map.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crewpass_diagnostics::parse_duration;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// The longest wait of a fault, and the longest stall.
pub const LONGEST: Duration = Duration::from_mins(10);

/// A value of a rule that is not a map.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    /// A text.
    Text(&'a str),
    /// A whole number.
    Whole(i128),
    /// A boolean.
    Bool(bool),
}

impl<'a> Scalar<'a> {
    /// Returns the text.
    pub(super) fn text(self) -> Result<&'a str, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Whole(_) | Self::Bool(_) => Err(format!("`{self}` is not a text")),
        }
    }
}

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => number.fmt(f),
            Self::Bool(value) => value.fmt(f),
        }
    }
}

/// Deserializes a value that is written as a scalar or a map.
///
/// `serde(untagged)` would do the same, but its errors name neither the field nor the reason.
pub(super) fn scalar_or_fields<'de, D, F, T>(
    from: D,
    expected: &'static str,
    scalar: fn(Scalar<'_>) -> Result<T, String>,
    fields: fn(F) -> Result<T, String>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: Deserialize<'de>,
{
    from.deserialize_any(ScalarOrFields { expected, scalar, fields, reads: PhantomData })
}

struct ScalarOrFields<F, T> {
    expected: &'static str,
    scalar: fn(Scalar<'_>) -> Result<T, String>,
    fields: fn(F) -> Result<T, String>,
    reads: PhantomData<F>,
}

impl<'de, F: Deserialize<'de>, T> Visitor<'de> for ScalarOrFields<F, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.scalar)(Scalar::Text(text)).map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        (self.scalar)(Scalar::Bool(value)).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        (self.scalar)(Scalar::Whole(value.into())).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        (self.scalar)(Scalar::Whole(value.into())).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        // JSON has one kind of number: 503.0 is 503.
        let text = value.to_string();
        match text.parse() {
            Ok(whole) => (self.scalar)(Scalar::Whole(whole)).map_err(E::custom),
            Err(_) => (self.scalar)(Scalar::Text(&text)).map_err(E::custom),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let fields = F::deserialize(MapAccessDeserializer::new(map))?;
        (self.fields)(fields).map_err(A::Error::custom)
    }
}

/// The value `true`; with `false` a rule would do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Yes;

impl<'de> Deserialize<'de> for Yes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wrong = D::Error::invalid_value(Unexpected::Bool(false), &"`true`");
        bool::deserialize(from)?.then_some(Self).ok_or(wrong)
    }
}

/// A duration as text, such as `250ms`; longer than zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub(super) Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Span {
    /// Parses a duration that is longer than zero.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let length = parse_duration(text).map_err(|error| error.to_string())?;
        if length.is_zero() {
            return Err(format!("`{text}` is zero: write a longer time, such as 250ms"));
        }
        Ok(Self(length))
    }
}

/// A duration of real time, which a client waits: [`LONGEST`] at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Wait(pub(super) Duration);

impl TryFrom<String> for Wait {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Wait {
    /// Parses a duration of [`LONGEST`] at most.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Span(length) = Span::parse(text)?;
        if length > LONGEST {
            return Err(format!("`{text}` is too long to wait: write 10m at most"));
        }
        Ok(Self(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_ten_minutes_at_most() {
        assert_eq!(Wait::parse("10m"), Ok(Wait(LONGEST)));
        assert!(Wait::parse("601s").unwrap_err().contains("10m at most"));
    }
}
