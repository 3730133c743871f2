//! A bounded ring of a session's entries in their order. The oldest entries are evicted and
//! counted.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::entry::{Change, Entry, EntryKind};
use super::exchange::{Exchange, FinishedExchange, StartedExchange};
use super::filter::Filter;

/// A bounded ring of entries, the newest last.
#[derive(Debug)]
pub(super) struct Ring {
    slots: VecDeque<Slot>,
    capacity: usize,
    next: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Slot {
    at: Timestamp,
    state: State,
    /// The rest of an exchange, once it is finished.
    finished: Option<Box<FinishedExchange>>,
}

#[derive(Debug)]
enum State {
    Exchange(StartedExchange),
    Change(Change),
}

/// The entry of an exchange that was started.
#[derive(Debug)]
pub(crate) struct ReservedEntry {
    pub(crate) seq: u64,
    /// The data of the evicted entry, for reuse.
    pub(super) spare: Option<Box<FinishedExchange>>,
}

/// The answer to a journal query: the matching finished entries in their order, and where to read
/// on.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The sequence number to read on from: the first entry that was not returned, or is not
    /// finished.
    pub next: u64,
    /// The number of exchanges that are not finished.
    pub open: usize,
    /// The number of entries evicted since the session began or the journal was cleared.
    pub dropped: u64,
}

impl Journal {
    /// Returns the exchanges among the entries.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.entries.iter().filter_map(Entry::exchange)
    }

    /// Consumes the journal and returns its exchanges.
    pub fn into_exchanges(self) -> impl Iterator<Item = Arc<Exchange>> {
        self.entries.into_iter().filter_map(|entry| match entry.kind {
            EntryKind::Exchange(exchange) => Some(exchange),
            EntryKind::Change(_) => None,
        })
    }
}

/// The initial capacity of a ring.
const MIN_GROWTH: usize = 4;

impl Ring {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { slots: VecDeque::new(), capacity, next: 1, dropped: 0 }
    }

    pub(super) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the first sequence number that is still kept.
    pub(super) fn first(&self) -> u64 {
        self.next - self.slots.len() as u64
    }

    /// Starts an exchange. Returns `None` if nothing is kept.
    pub(super) fn begin(&mut self, at: Timestamp, started: StartedExchange) -> Option<ReservedEntry> {
        self.push(at, State::Exchange(started))
    }

    /// Adds a change.
    pub(super) fn change(&mut self, at: Timestamp, change: Change) {
        self.push(at, State::Change(change));
    }

    /// Adds a slot. Returns `None` if nothing is kept.
    fn push(&mut self, at: Timestamp, state: State) -> Option<ReservedEntry> {
        if self.capacity == 0 {
            return None;
        }
        let seq = self.next;
        self.next += 1;
        if self.slots.len() < self.capacity {
            if self.slots.len() == self.slots.capacity() {
                // Never grows beyond its capacity: a full ring reuses its oldest slot, so nothing
                // moves.
                let more = self.slots.len().max(MIN_GROWTH).min(self.capacity - self.slots.len());
                self.slots.reserve_exact(more);
            }
            self.slots.push_back(Slot { at, state, finished: None });
            return Some(ReservedEntry { seq, spare: None });
        }
        self.dropped += 1;
        // The oldest slot becomes the newest in place.
        self.slots.rotate_left(1);
        let slot = self.slots.back_mut()?;
        (slot.at, slot.state) = (at, state);
        Some(ReservedEntry { seq, spare: slot.finished.take() })
    }

    /// Finishes an exchange. An evicted one was counted when it was evicted.
    pub(super) fn finish(&mut self, seq: u64, finished: Box<FinishedExchange>) {
        let at = seq.checked_sub(self.first()).and_then(|at| usize::try_from(at).ok());
        if let Some(slot) = at.and_then(|at| self.slots.get_mut(at)) {
            slot.finished = Some(finished);
        }
    }

    /// Removes every entry. Returns their number.
    pub(super) fn clear(&mut self) -> usize {
        let cleared = self.slots.len();
        self.slots.clear();
        self.dropped = 0;
        cleared
    }

    /// Returns the entries that match a filter, the oldest first.
    pub(super) fn read(&self, filter: &Filter) -> Journal {
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut journal = Journal { entries: Vec::new(), next: self.next, open: 0, dropped: self.dropped };
        let mut first_open = None;
        for (seq, slot) in (self.first()..).zip(&self.slots) {
            let entry = match (&slot.state, &slot.finished) {
                (State::Exchange(_), None) => {
                    journal.open += 1;
                    first_open = first_open.or((seq >= filter.since).then_some(seq));
                    continue;
                }
                // A full page goes on only to count the open exchanges.
                _ if seq < filter.since || journal.next < self.next => continue,
                (State::Exchange(started), Some(finished)) => {
                    // A copy is parsed, so that the stored entry stays small.
                    let exchange = Exchange::from_parts(seq, slot.at, started, finished);
                    if !filter.matches(&exchange) {
                        continue;
                    }
                    EntryKind::Exchange(Arc::new(exchange))
                }
                (State::Change(change), _) if filter.matches_change(change) => EntryKind::Change(change.clone()),
                (State::Change(_), _) => continue,
            };
            if journal.entries.len() == limit {
                journal.next = seq;
                continue;
            }
            journal.entries.push(Entry { seq, at: slot.at, kind: entry });
        }
        journal.next = first_open.map_or(journal.next, |open| open.min(journal.next));
        journal
    }
}
