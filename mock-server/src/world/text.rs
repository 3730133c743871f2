//! Text that many documents share is held once: a million documents have some fifty types, titles and issuers.

use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use hashbrown::HashSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many different texts one load shares; past it, each text is a copy of its own.
const SHARED_AT_MOST: usize = 4096;

thread_local! {
    static SHARED: RefCell<HashSet<Text>> = RefCell::default();
}

/// A short text, shared with every equal one that the same thread read. It is one pointer wide, since a document has
/// half a dozen of them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Arc<Box<str>>);

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Forgets which texts were shared; called when a load is done, so that worlds do not keep one another's texts.
    pub fn end_sharing() {
        SHARED.with_borrow_mut(HashSet::clear);
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        SHARED.with_borrow_mut(|shared| {
            if let Some(known) = shared.get(text) {
                return known.clone();
            }
            let new = Self(Arc::new(text.into()));
            if shared.len() < SHARED_AT_MOST {
                shared.insert(new.clone());
            }
            new
        })
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shared(text: &str) -> bool {
        Arc::ptr_eq(&Text::from(text).0, &Text::from(text).0)
    }

    #[test]
    fn so_many_texts_are_shared_until_the_load_is_done() {
        Text::end_sharing();
        let first = Text::from("0");
        for number in 1..SHARED_AT_MOST {
            assert!(is_shared(&number.to_string()));
        }
        assert!(!is_shared("one more") && is_shared("0"));
        Text::end_sharing();
        assert!(!Arc::ptr_eq(&first.0, &Text::from("0").0));
        assert_eq!(first, Text::from("0"));
        Text::end_sharing();
    }
}
