//! A session's journal and the signal for its readers. It is part of the session state, behind the
//! same lock.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use super::entry::{CHANGE_TOPICS, Change};
use super::exchange::{FinishedExchange, StartedExchange};
use super::filter::Filter;
use super::ring::{Journal, ReservedEntry, Ring};
use crate::session::Budget;

/// The default number of entries that a session keeps.
pub const CAPACITY: usize = 1_000;

/// A session's journal.
#[derive(Debug)]
pub(crate) struct Log {
    ring: Ring,
    changed: Arc<Notify>,
    is_closed: bool,
}

impl Log {
    /// Creates a journal with this many entries, or fewer where the budget is used up. With 0 it is off.
    pub(crate) fn new(capacity: usize, budget: Arc<Budget>) -> Self {
        Self { ring: Ring::new(capacity, budget), changed: Arc::default(), is_closed: false }
    }

    /// Returns true if the journal is off.
    pub(crate) const fn is_off(&self) -> bool {
        self.ring.capacity() == 0
    }

    /// Starts an exchange. Returns `None` if the journal is off.
    pub(crate) fn begin(&mut self, at: Timestamp, started: StartedExchange) -> Option<ReservedEntry> {
        // Fired faults are visible before the exchange ends, and `Session::wait_for_fault` waits
        // for them.
        if !started.faults.is_empty() {
            self.changed.notify_waiters();
        }
        self.ring.begin(at, started)
    }

    /// Finishes an exchange.
    pub(super) fn finish(&mut self, seq: u64, finished: Box<FinishedExchange>) {
        self.ring.finish(seq, finished);
        self.notify_waiters();
    }

    /// Records a change made through the control API.
    pub(crate) fn change(&mut self, at: Timestamp, topic: &'static str, detail: Value) {
        debug_assert!(CHANGE_TOPICS.contains(&topic), "a filter refuses the topic {topic}");
        self.ring.change(at, Change { topic, detail });
        self.notify_waiters();
    }

    /// Wakes the readers that wait. A reader holds a clone of the handle, taken behind the same
    /// lock, so with one handle there are no readers.
    fn notify_waiters(&self) {
        if Arc::strong_count(&self.changed) > 1 {
            self.changed.notify_waiters();
        }
    }

    /// Removes every entry. Returns their number.
    pub(crate) fn clear(&mut self) -> usize {
        self.ring.clear()
    }

    /// Returns the entries that match a filter.
    pub(crate) fn read(&self, filter: &Filter) -> Journal {
        self.ring.read(filter)
    }

    /// Returns the matching entries that finished after a reader's position.
    pub(crate) fn read_finished_after(&self, position: u64, filter: &Filter) -> Journal {
        self.ring.read_finished_after(position, filter)
    }

    /// Returns the number of entries that were evicted.
    pub(crate) const fn dropped(&self) -> u64 {
        self.ring.dropped()
    }

    /// Returns the position of a reader that has seen every finished entry.
    pub(crate) const fn finish_count(&self) -> u64 {
        self.ring.finish_count()
    }

    /// Returns the first sequence number that is still kept.
    pub(crate) fn first(&self) -> u64 {
        self.ring.first()
    }

    /// Returns a handle that is notified when an entry is added or finished, and when the journal
    /// closes.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// Wakes and ends all journal waiters. Called when the session or the server ends.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
        self.changed.notify_waiters();
    }

    /// Returns true if no entries will follow.
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new(CAPACITY, Arc::default())
    }
}
