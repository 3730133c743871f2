//! An entry of the journal: an exchange that is finished, or a change that the control API made.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::exchange::Exchange;

/// An entry, as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place in the order in which the session decided, from 1 on; never given twice.
    pub seq: u64,
    /// When, on the session's clock.
    pub at: Timestamp,
    /// EntryKind happened.
    pub kind: EntryKind,
}

/// EntryKind an entry is about.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// A request and its answer.
    Exchange(Arc<Exchange>),
    /// Something that was changed about the session.
    Change(Change),
}

/// A change that the control API made.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// EntryKind was changed, such as `clock`, `upload` or `reset`.
    pub topic: &'static str,
    /// How it stands now, as the control API told it.
    pub detail: Value,
}

impl Entry {
    /// The exchange, if it is one.
    pub fn exchange(&self) -> Option<&Exchange> {
        match &self.kind {
            EntryKind::Exchange(exchange) => Some(exchange),
            EntryKind::Change(_) => None,
        }
    }

    /// The change, if it is one.
    pub fn change(&self) -> Option<&Change> {
        match &self.kind {
            EntryKind::Exchange(_) => None,
            EntryKind::Change(change) => Some(change),
        }
    }
}
