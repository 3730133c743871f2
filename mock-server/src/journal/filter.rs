//! Filters for journal entries. All given conditions must hold.

use http::StatusCode;
use serde::{Deserialize, Deserializer};

use super::entry::Change;
use super::exchange::{Exchange, StartedExchange};
use crate::endpoint::EndpointName;

/// A filter for journal entries. A condition that is left out matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The kind of entry.
    pub kind: Option<KindFilter>,
    /// The API step.
    pub step: Option<EndpointName>,
    /// The response status.
    pub status: Option<StatusFilter>,
    /// The clause that decided.
    pub clause: Option<Box<str>>,
    /// The id of the crew member.
    pub crew: Option<Box<str>>,
    /// The id of the document.
    pub document: Option<Box<str>>,
    /// The end of the key.
    pub key: Option<Box<str>>,
    /// The name of a fault rule that fired.
    pub fault: Option<Box<str>>,
    /// With `true` exchanges that leaked a secret, with `false` those that did not.
    pub leaks: Option<bool>,
    /// The topic of changes.
    pub change: Option<Box<str>>,
    /// Only entries with this `seq` or a higher one.
    pub since: u64,
    /// At most this many entries, beginning with the oldest.
    pub limit: Option<usize>,
}

/// A kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KindFilter {
    /// Requests with their responses.
    Exchange,
    /// Changes made through the control API.
    Change,
}

/// A status, or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Exactly this status.
    Is(u16),
    /// All statuses with this first digit: 4 is every 4xx.
    Class(u16),
}

impl std::str::FromStr for StatusFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = "`status` must be a number such as 404, or a class such as 4xx";
        if let Some(class) = text.strip_suffix("xx") {
            return class.parse().ok().filter(|class| (1..=5).contains(class)).map(Self::Class).ok_or(bad);
        }
        text.parse().ok().filter(|status| (100..=999).contains(status)).map(Self::Is).ok_or(bad)
    }
}

impl<'de> Deserialize<'de> for StatusFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Filter {
    /// Returns true if what was decided matches: the conditions that need no parsed head.
    pub(super) fn matches_decision(&self, started: &StartedExchange, status: Option<StatusCode>) -> bool {
        self.change.is_none()
            && self.kind != Some(KindFilter::Change)
            && self.step.is_none_or(|step| step == started.step)
            && self.status.is_none_or(|wanted| wanted.matches(status.map_or(0, |status| status.as_u16())))
            && self.clause.as_ref().is_none_or(|clause| **clause == *started.clause.id)
            && self.fault.as_ref().is_none_or(|fault| started.faults.contains(fault))
    }

    /// Returns true if the heads of an exchange match.
    pub(super) fn matches_heads(&self, exchange: &Exchange) -> bool {
        is_same(self.crew.as_deref(), || exchange.crew())
            && is_same(self.document.as_deref(), || exchange.document())
            && self.key.as_ref().is_none_or(|end| exchange.key().is_some_and(|key| key.ends_with(&**end)))
            && self.leaks.is_none_or(|wanted| exchange.leaks().is_empty() != wanted)
    }

    /// Returns true if the change matches: by its topic, or if the filter has no condition on
    /// exchanges.
    pub(super) fn matches_change(&self, change: &Change) -> bool {
        if self.kind == Some(KindFilter::Exchange) {
            return false;
        }
        let Self { kind, since, limit, .. } = *self;
        let only_these = Self { kind, since, limit, ..Self::default() };
        self.change.as_ref().map_or(*self == only_these, |topic| **topic == *change.topic)
    }
}

/// Returns true if no value is wanted or the actual one equals it. The actual value is computed only if needed.
fn is_same(wanted: Option<&str>, actual: impl FnOnce() -> Option<String>) -> bool {
    wanted.is_none_or(|wanted| actual().as_deref() == Some(wanted))
}

impl StatusFilter {
    fn matches(self, status: u16) -> bool {
        match self {
            Self::Is(wanted) => status == wanted,
            Self::Class(class) => status / 100 == class,
        }
    }
}
