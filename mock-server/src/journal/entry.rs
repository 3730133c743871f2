//! A journal entry: a finished exchange, or a change made through the control API.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::exchange::Exchange;

/// The topics of changes.
pub(crate) const CHANGE_TOPICS: [&str; 19] = [
    "alter",
    "callback",
    "clock",
    "compliance",
    "crew",
    "document",
    "faults",
    "fire",
    "key",
    "partner",
    "policies",
    "redeliver",
    "remove",
    "reset",
    "store",
    "upload",
    "vessel",
    "webhook",
    "world",
];

/// A journal entry, as a reader gets it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry's sequence number: the order in which the session decided, from 1. Never reused.
    pub seq: u64,
    /// The time of the decision, on the session's clock.
    pub at: Timestamp,
    /// The content of the entry.
    pub kind: EntryKind,
}

/// The content of a journal entry.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// A request and its response.
    Exchange(Arc<Exchange>),
    /// A change of the session.
    Change(Change),
}

/// A change made through the control API.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The topic of the change, such as `clock`, `upload` or `reset`.
    pub topic: &'static str,
    /// The state after the change, as the control API returned it.
    pub detail: Value,
}

impl Entry {
    /// Returns the exchange, if the entry is one.
    pub fn exchange(&self) -> Option<&Exchange> {
        match &self.kind {
            EntryKind::Exchange(exchange) => Some(exchange),
            EntryKind::Change(_) => None,
        }
    }

    /// Returns the change, if the entry is one.
    pub fn change(&self) -> Option<&Change> {
        match &self.kind {
            EntryKind::Exchange(_) => None,
            EntryKind::Change(change) => Some(change),
        }
    }
}
