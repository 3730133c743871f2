//! The journal of a session with whoever waits for it. It lies behind the session's lock, as all that moves does.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use super::entry::Change;
use super::exchange::{Begun, Over};
use super::filter::Filter;
use super::ring::{Journal, Place, Ring};

/// How many entries a session keeps, unless told.
pub const CAPACITY: usize = 1_000;

/// The journal of a session.
#[derive(Debug)]
pub(crate) struct Log {
    ring: Ring,
    moved: Arc<Notify>,
    ended: bool,
}

impl Log {
    /// A journal of so many entries; of none, it is off.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { ring: Ring::new(capacity), moved: Arc::default(), ended: false }
    }

    /// Whether nothing is kept.
    pub(crate) const fn is_off(&self) -> bool {
        self.ring.capacity() == 0
    }

    /// Begins an exchange; `None` if nothing is kept.
    pub(crate) fn begin(&mut self, at: Timestamp, begun: Begun) -> Option<Place> {
        if !begun.faults.is_empty() {
            self.moved.notify_waiters();
        }
        self.ring.begin(at, begun)
    }

    /// Ends an exchange.
    pub(super) fn finish(&mut self, seq: u64, over: Box<Over>) {
        self.ring.finish(seq, over);
        self.tell();
    }

    /// Notes what the control API changed.
    pub(crate) fn change(&mut self, at: Timestamp, topic: &'static str, detail: Value) {
        self.ring.change(at, Change { topic, detail });
        self.tell();
    }

    /// Who waits holds the other end, and took it behind the same lock: without one there is nobody to tell.
    fn tell(&self) {
        if Arc::strong_count(&self.moved) > 1 {
            self.moved.notify_waiters();
        }
    }

    /// Takes every entry out; gives how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        self.ring.clear()
    }

    /// What fits a filter.
    pub(crate) fn read(&self, filter: &Filter) -> Journal {
        self.ring.read(filter)
    }

    /// The first place that is still held.
    pub(crate) fn first(&self) -> u64 {
        self.ring.first()
    }

    /// What is notified whenever an entry is there or over, and at the end.
    pub(crate) fn moved(&self) -> Arc<Notify> {
        Arc::clone(&self.moved)
    }

    /// Sends everybody away who waits for more: the session ends, or the server.
    pub(crate) fn end(&mut self) {
        self.ended = true;
        self.moved.notify_waiters();
    }

    /// Whether there will be no more.
    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}
