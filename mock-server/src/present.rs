//! Fields that may be left out, but are not null.

use serde::{Deserialize, Deserializer};

/// Deserializes a field that may be left out, and for which null is a value or a mistake. A mistake has its position.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
