//! The seven scopes that the partner documentation names (P, /authentication), and small sets of them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One permission, as it is written in `granted_scopes` and in the `scope` of a 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// List vessels and the fleet.
    #[serde(rename = "vessels:fleet:read")]
    FleetRead,
    /// A crew member's verification and background-check status.
    #[serde(rename = "crew:status:read")]
    StatusRead,
    /// The base profile and the photo.
    #[serde(rename = "crew:profile:read")]
    ProfileRead,
    /// Identity fields of the profile.
    #[serde(rename = "crew:profile:full:read")]
    ProfileFullRead,
    /// List documents (G).
    #[serde(rename = "crew:documents:read")]
    DocumentsRead,
    /// Ask for a link to a document's file (G).
    #[serde(rename = "crew:documents:download")]
    DocumentsDownload,
    /// Compliance checks.
    #[serde(rename = "crew:compliance:read")]
    ComplianceRead,
}

impl Scope {
    /// Every scope, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::FleetRead,
        Self::StatusRead,
        Self::ProfileRead,
        Self::ProfileFullRead,
        Self::DocumentsRead,
        Self::DocumentsDownload,
        Self::ComplianceRead,
    ];

    /// Returns the name on the wire, such as `crew:documents:read`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FleetRead => "vessels:fleet:read",
            Self::StatusRead => "crew:status:read",
            Self::ProfileRead => "crew:profile:read",
            Self::ProfileFullRead => "crew:profile:full:read",
            Self::DocumentsRead => "crew:documents:read",
            Self::DocumentsDownload => "crew:documents:download",
            Self::ComplianceRead => "crew:compliance:read",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A scope that the documentation does not name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no scope of the partner API; the scopes are {list}", list = Scope::ALL.map(Scope::name).join(", "))]
pub struct UnknownScope(String);

/// A set of scopes in one byte: a world of a million documents holds one per consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u8);

impl ScopeSet {
    /// Returns true if the scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Adds a scope; adding it twice is the same as once.
    pub const fn insert(&mut self, scope: Scope) {
        self.0 |= scope.bit();
    }

    /// Takes a scope out; one that is not in the set changes nothing.
    pub const fn remove(&mut self, scope: Scope) {
        self.0 &= !scope.bit();
    }

    /// Returns the scopes that are in both sets.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the scopes of the set, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::default();
        scopes.into_iter().for_each(|scope| set.insert(scope));
        set
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = ScopeSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of scopes")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<ScopeSet, A::Error> {
                let mut set = ScopeSet::default();
                while let Some(scope) = list.next_element()? {
                    set.insert(scope);
                }
                Ok(set)
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

impl JsonSchema for ScopeSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ScopeSet".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<Scope>>::json_schema(generator)
    }
}
