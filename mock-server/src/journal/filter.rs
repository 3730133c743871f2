//! Which entries a reader wants; all that is asked for must hold.

use serde::{Deserialize, Deserializer};

use super::entry::Change;
use super::exchange::Exchange;
use crate::request::Step;

/// Which entries are wanted. EntryKind is left out wants everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this step.
    pub step: Option<Step>,
    /// With this status.
    pub status: Option<StatusFilter>,
    /// That this clause decided.
    pub clause: Option<Box<str>>,
    /// About this crew member.
    pub crew: Option<Box<str>>,
    /// About this document.
    pub document: Option<Box<str>>,
    /// With a key that ends so.
    pub key: Option<Box<str>>,
    /// In which this fault fired.
    pub fault: Option<Box<str>>,
    /// That leaked something, or (`false`) nothing.
    pub leaks: Option<bool>,
    /// Changes of this topic.
    pub change: Option<Box<str>>,
    /// From this place in the order on.
    pub since: u64,
    /// So many at most, the oldest first.
    pub limit: Option<usize>,
}

/// A status, or all of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// This one.
    Is(u16),
    /// Those that begin so: 4 is every 4xx.
    Class(u16),
}

impl std::str::FromStr for StatusFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = "`status` is a number such as 404, or a kind such as 4xx";
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
    /// Whether an exchange is wanted.
    pub(super) fn matches(&self, exchange: &Exchange) -> bool {
        let same = |wanted: &Option<Box<str>>, found: &dyn Fn() -> Option<String>| {
            wanted.as_ref().is_none_or(|wanted| found().as_deref() == Some(wanted))
        };
        self.change.is_none()
            && self.step.is_none_or(|step| step == exchange.step)
            && self.status.is_none_or(|wanted| wanted.matches(exchange.status().map_or(0, |status| status.as_u16())))
            && self.clause.as_ref().is_none_or(|clause| **clause == *exchange.clause.id)
            && self.fault.as_ref().is_none_or(|fault| exchange.faults.contains(fault))
            && same(&self.crew, &|| exchange.crew())
            && same(&self.document, &|| exchange.document())
            && self.key.as_ref().is_none_or(|end| exchange.key().is_some_and(|key| key.ends_with(&**end)))
            && self.leaks.is_none_or(|wanted| exchange.leaks().is_empty() != wanted)
    }

    /// Whether a change is wanted: by its topic, or where nothing about exchanges is asked for.
    pub(super) fn matches_change(&self, change: &Change) -> bool {
        match &self.change {
            Some(topic) => **topic == *change.topic,
            None => *self == Self { since: self.since, limit: self.limit, ..Self::default() },
        }
    }
}

impl StatusFilter {
    fn matches(self, status: u16) -> bool {
        match self {
            Self::Is(wanted) => status == wanted,
            Self::Class(class) => status / 100 == class,
        }
    }
}
