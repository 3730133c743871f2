//! A field of an answer that may be left out.

use serde::Serialize;

/// A field that may be left out. A struct that has one skips it if [`Optional::is_left_out`].
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Optional<T> {
    /// The field, perhaps null.
    Value(Option<T>),
    /// No field.
    LeftOut,
}

impl<T> Optional<T> {
    /// Returns the field; without a value it is left out, or null.
    pub(crate) fn new(value: Option<T>, leave_out: bool) -> Self {
        if value.is_none() && leave_out { Self::LeftOut } else { Self::Value(value) }
    }

    /// Returns true if there is no field.
    pub(crate) const fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}
