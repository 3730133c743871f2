//! The journal of a session with whoever waits for it. It lies behind the session's lock, as all that moves does.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use super::entry::Change;
use super::exchange::{StartedExchange, FinishedExchange};
use super::filter::Filter;
use super::ring::{Journal, ReservedEntry, Ring};

/// How many entries a session keeps, unless told.
pub const CAPACITY: usize = 1_000;

/// The journal of a session.
#[derive(Debug)]
pub(crate) struct Log {
    ring: Ring,
    changed: Arc<Notify>,
    is_closed: bool,
}

impl Log {
    /// A journal of so many entries; of none, it is off.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { ring: Ring::new(capacity), changed: Arc::default(), is_closed: false }
    }

    /// Whether nothing is kept.
    pub(crate) const fn is_off(&self) -> bool {
        self.ring.capacity() == 0
    }

    /// Begins an exchange; `None` if nothing is kept.
    pub(crate) fn begin(&mut self, at: Timestamp, started: StartedExchange) -> Option<ReservedEntry> {
        if !started.faults.is_empty() {
            self.changed.notify_waiters();
        }
        self.ring.begin(at, started)
    }

    /// Ends an exchange.
    pub(super) fn finish(&mut self, seq: u64, finished: Box<FinishedExchange>) {
        self.ring.finish(seq, finished);
        self.notify_waiters();
    }

    /// Notes what the control API changed.
    pub(crate) fn change(&mut self, at: Timestamp, topic: &'static str, detail: Value) {
        self.ring.change(at, Change { topic, detail });
        self.notify_waiters();
    }

    /// Who waits contains_secret the other end, and took it behind the same lock: without one there is nobody to tell.
    fn notify_waiters(&self) {
        if Arc::strong_count(&self.changed) > 1 {
            self.changed.notify_waiters();
        }
    }

    /// Takes every entry out; gives how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        self.ring.clear()
    }

    /// EntryKind matches a filter.
    pub(crate) fn read(&self, filter: &Filter) -> Journal {
        self.ring.read(filter)
    }

    /// The first place that is still held.
    pub(crate) fn first(&self) -> u64 {
        self.ring.first()
    }

    /// EntryKind is notified whenever an entry is there or finished, and at the end.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// Sends everybody away who waits for more: the session ends, or the server.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
        self.changed.notify_waiters();
    }

    /// Whether there will be no more.
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}
