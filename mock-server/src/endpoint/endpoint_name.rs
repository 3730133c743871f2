//! The name of an endpoint, as fault rules, journal filters and journals write it.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::definition::{Answers, Endpoint, FindMistakes};
use super::path_template::Segments;
use super::table::TABLE;
use crate::scope::Scope;

/// The name of a request that is for no endpoint: its path is unknown, or its method is wrong.
const NO_ENDPOINT: &str = "none";

/// Every name, in the order of the table.
static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| TABLE.iter().map(|endpoint| endpoint.name).chain([NO_ENDPOINT]).collect());

/// The endpoint that a request is for, by its name: `me`, `list`, `link`, `file`, …, or `none`.
#[derive(Clone, Copy)]
pub struct EndpointName(Option<&'static Endpoint>);

impl EndpointName {
    /// The name of a request that is for no endpoint.
    pub const NONE: Self = Self(None);

    /// Returns the name of every endpoint, in the order of the table.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|endpoint| Self(Some(endpoint)))
    }

    /// Returns the endpoint of a name; for tests.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        Self::all().find(|known| known.as_str() == name).unwrap()
    }

    /// Returns the name.
    pub fn as_str(self) -> &'static str {
        self.0.map_or(NO_ENDPOINT, |endpoint| endpoint.name)
    }

    /// Returns the method and the path, with its parameters in braces; `None` for no endpoint.
    pub(crate) fn method_and_path(self) -> Option<(&'static str, &'static str)> {
        self.0.map(|endpoint| (endpoint.method.as_str(), endpoint.path.text()))
    }

    /// Returns the kind of a successful answer; `None` for no endpoint.
    pub(crate) fn answers(self) -> Option<Answers> {
        self.0.map(|endpoint| endpoint.answers)
    }

    /// Returns the scope that the endpoint needs, if it needs one.
    pub(crate) fn scope(self) -> Option<Scope> {
        self.0?.scope
    }

    /// Returns the scope of some fields of the answer, if there are such fields.
    pub(crate) fn scope_of_fields(self) -> Option<Scope> {
        self.0?.fields
    }

    /// Returns the function that finds the mistakes in query and body, if the endpoint reads them.
    pub(crate) fn input(self) -> Option<FindMistakes> {
        self.0?.input
    }

    /// Returns true if the endpoint reads a body.
    pub(crate) fn reads_body(self) -> bool {
        self.0.is_some_and(|endpoint| endpoint.body)
    }

    /// Returns true if the token in the path is the credential.
    pub(crate) fn is_by_link(self) -> bool {
        self.0.is_some_and(Endpoint::is_by_link)
    }

    /// Returns the ids and the token in a path of this endpoint, as they are written there.
    pub(crate) fn segments(self, path: &str) -> Segments<'_> {
        self.0.map(|endpoint| endpoint.path.segments(path)).unwrap_or_default()
    }
}

impl From<Option<&'static Endpoint>> for EndpointName {
    fn from(endpoint: Option<&'static Endpoint>) -> Self {
        Self(endpoint)
    }
}

impl PartialEq for EndpointName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for EndpointName {}

impl fmt::Debug for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EndpointName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EndpointName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(from)?;
        if name == NO_ENDPOINT {
            return Ok(Self::NONE);
        }
        let known = Self::all().find(|known| known.as_str() == name);
        known.ok_or_else(|| serde::de::Error::unknown_variant(&name, &NAMES))
    }
}
