//! How the values of a rule are read: durations, numbers with bounds, and what is one word or a set of fields.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};

use crate::clock::parse_duration;

/// The longest time that a fault holds an answer back, and the bound of a stall.
pub const LONGEST: Duration = Duration::from_mins(10);

/// Reads a value that is one word, number or switch, or else a set of fields.
pub(super) fn word_or_fields<'de, D, F, T>(
    from: D,
    expected: &'static str,
    word: fn(&str) -> Result<T, String>,
    fields: fn(F) -> Result<T, String>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: Deserialize<'de>,
{
    from.deserialize_any(Either { expected, word, fields, reads: PhantomData })
}

struct Either<F, T> {
    expected: &'static str,
    word: fn(&str) -> Result<T, String>,
    fields: fn(F) -> Result<T, String>,
    reads: PhantomData<F>,
}

impl<'de, F: Deserialize<'de>, T> Visitor<'de> for Either<F, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.word)(text).map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.visit_str(if value { "true" } else { "false" })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let fields = F::deserialize(MapAccessDeserializer::new(map))?;
        (self.fields)(fields).map_err(A::Error::custom)
    }
}

/// A value that may be null, where null says something else than nothing.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A switch that can only be thrown: `false` would be a rule that does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Yes;

impl<'de> Deserialize<'de> for Yes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wrong = D::Error::invalid_value(Unexpected::Bool(false), &"`true`");
        bool::deserialize(from)?.then_some(Self).ok_or(wrong)
    }
}

/// A duration as text, such as `250ms`; longer than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        span(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Reads a duration that is longer than nothing.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let length = parse_duration(text).map_err(|error| error.to_string())?;
    if length.is_zero() {
        return Err(format!("`{text}` is no time at all: write a longer one, such as 250ms"));
    }
    Ok(length)
}

/// The same for real time, which a caller really waits.
pub(super) fn wait(text: &str) -> Result<Duration, String> {
    let length = span(text)?;
    if length > LONGEST {
        return Err(format!("`{text}` is too long to wait: write 10m at most"));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_ten_minutes_at_most() {
        assert_eq!(wait("10m"), Ok(LONGEST));
        assert!(wait("601s").unwrap_err().contains("10m at most"));
    }
}
