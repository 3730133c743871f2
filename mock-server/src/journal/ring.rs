//! A bounded ring of a session's entries in their order. The oldest entries are evicted and
//! counted.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::entry::{Change, Entry, EntryKind};
use super::exchange::{Exchange, FinishedExchange, StartedExchange};
use super::filter::Filter;
use crate::session::Budget;

/// A bounded ring of entries, the newest last.
#[derive(Debug)]
pub(super) struct Ring {
    slots: VecDeque<Slot>,
    capacity: usize,
    next: u64,
    dropped: u64,
    /// The number of slots whose exchange is not finished.
    open: usize,
    /// The sequence numbers of the entries that finished last, in the order in which they finished.
    finished: VecDeque<u64>,
    /// The number of entries that ever finished: the position of a reader that has seen them all.
    finish_count: u64,
    /// The bytes that the finished exchanges take.
    bytes: u64,
    /// The exchanges whose body is large, the oldest first, and the bytes of these bodies.
    large: VecDeque<u64>,
    large_bytes: u64,
    /// The bytes that the budget knows of. It is corrected when an exchange finishes; in a full ring, where an evicted
    /// exchange was as large, there is nothing to correct.
    charged: u64,
    budget: Arc<Budget>,
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.budget.change_bytes(self.charged, 0);
    }
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

/// The bytes from which a body is large.
const LARGE_BODY: u64 = 4 << 10;

/// The most bytes of large bodies that a ring keeps.
const MAX_LARGE_BYTES: u64 = 8 << 20;

/// The initial capacity of a ring.
const MIN_GROWTH: usize = 4;

impl Ring {
    pub(super) fn new(capacity: usize, budget: Arc<Budget>) -> Self {
        Self {
            slots: VecDeque::new(),
            capacity,
            next: 1,
            dropped: 0,
            open: 0,
            finished: VecDeque::new(),
            finish_count: 0,
            bytes: 0,
            large: VecDeque::new(),
            large_bytes: 0,
            charged: 0,
            budget,
        }
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
        let reserved = self.push(at, State::Exchange(started))?;
        self.open += 1;
        Some(reserved)
    }

    /// Adds a change.
    pub(super) fn change(&mut self, at: Timestamp, change: Change) {
        if let Some(reserved) = self.push(at, State::Change(change)) {
            self.note_finished(reserved.seq);
        }
    }

    /// Adds a slot. Returns `None` if nothing is kept.
    fn push(&mut self, at: Timestamp, state: State) -> Option<ReservedEntry> {
        if self.capacity == 0 {
            return None;
        }
        let (seq, oldest) = (self.next, self.first());
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
        self.open -= usize::from(slot.is_open());
        let (bytes, body) = (slot.bytes(), slot.body_bytes());
        (slot.at, slot.state) = (at, state);
        let spare = slot.finished.take();
        self.forget(oldest, bytes, body);
        Some(ReservedEntry { seq, spare })
    }

    /// Takes the bytes of an evicted exchange from the sums.
    fn forget(&mut self, seq: u64, bytes: u64, body: u64) {
        self.bytes -= bytes;
        // Exchanges may finish in another order than they began, so it is not always the first one.
        if let Some(at) = self.large.iter().position(|large| *large == seq).filter(|_| body >= LARGE_BODY) {
            self.large.remove(at);
            self.large_bytes -= body;
        }
    }

    /// Drops the oldest large bodies while there are too many bytes of them. The rest of their exchanges stays.
    fn drop_large_bodies(&mut self) {
        while self.large_bytes > MAX_LARGE_BYTES {
            let Some(seq) = self.large.pop_front() else { return };
            let at = seq.checked_sub(self.first()).and_then(|at| usize::try_from(at).ok());
            let slot = at.and_then(|at| self.slots.get_mut(at));
            let body = slot.and_then(|slot| slot.finished.as_mut()?.body.take()).map_or(0, |body| body.len() as u64);
            self.bytes -= body;
            self.large_bytes -= body;
        }
    }

    /// Finishes an exchange. An evicted one was counted when it was evicted.
    pub(super) fn finish(&mut self, seq: u64, finished: Box<FinishedExchange>) {
        let at = seq.checked_sub(self.first()).and_then(|at| usize::try_from(at).ok());
        if let Some(slot) = at.and_then(|at| self.slots.get_mut(at)) {
            slot.finished = Some(finished);
            self.bytes += slot.bytes();
            self.open -= 1;
            let body = slot.body_bytes();
            if body >= LARGE_BODY {
                self.large.push_back(seq);
                self.large_bytes += body;
                self.drop_large_bodies();
            }
            self.note_finished(seq);
            self.balance();
        }
    }

    /// Corrects the budget, and evicts the oldest entries but one while it is exceeded.
    fn balance(&mut self) {
        self.budget.change_bytes(self.charged, self.bytes);
        self.charged = self.bytes;
        while self.budget.is_exceeded() && self.slots.len() > 1 {
            let seq = self.first();
            let Some(oldest) = self.slots.pop_front() else { return };
            self.open -= usize::from(oldest.is_open());
            self.dropped += 1;
            self.forget(seq, oldest.bytes(), oldest.body_bytes());
            self.budget.change_bytes(self.charged, self.bytes);
            self.charged = self.bytes;
        }
    }

    fn note_finished(&mut self, seq: u64) {
        if self.finished.len() == self.capacity {
            self.finished.pop_front();
        }
        self.finished.push_back(seq);
        self.finish_count += 1;
    }

    /// Returns the number of entries that were evicted.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns the position of a reader that has seen every finished entry.
    pub(super) const fn finish_count(&self) -> u64 {
        self.finish_count
    }

    /// Removes every entry. Returns their number.
    pub(super) fn clear(&mut self) -> usize {
        let cleared = self.slots.len();
        self.slots.clear();
        self.finished.clear();
        self.large.clear();
        (self.dropped, self.open, self.bytes, self.large_bytes) = (0, 0, 0, 0);
        self.balance();
        cleared
    }

    /// Returns the entries that match a filter, the oldest first.
    pub(super) fn read(&self, filter: &Filter) -> Journal {
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut journal = self.no_entries(filter);
        for (seq, slot) in self.slots_from(filter.since) {
            let Some(entry) = slot.entry(seq, filter) else { continue };
            if journal.entries.len() == limit {
                journal.next = journal.next.min(seq);
                break;
            }
            journal.entries.push(entry);
        }
        journal
    }

    /// Returns the matching entries that finished after a reader's position, the oldest first. They cost as much as
    /// there are of them, however many entries are kept.
    pub(super) fn read_finished_after(&self, position: u64, filter: &Filter) -> Journal {
        let new = usize::try_from(self.finish_count - position).unwrap_or(usize::MAX);
        let Some(seen) = self.finished.len().checked_sub(new) else {
            // The reader is so late that the order of finishing is forgotten.
            return self.read(filter);
        };
        let mut journal = self.no_entries(filter);
        for seq in self.finished.range(seen..).copied().filter(|seq| *seq >= filter.since) {
            let slot = self.slots_from(seq).next().filter(|(at, _)| *at == seq);
            journal.entries.extend(slot.and_then(|(_, slot)| slot.entry(seq, filter)));
        }
        journal.entries.sort_unstable_by_key(|entry| entry.seq);
        journal
    }

    /// Returns an answer without entries. Its `next` is the first open exchange from `since` on.
    fn no_entries(&self, filter: &Filter) -> Journal {
        let first_open = self.slots_from(filter.since).find(|(_, slot)| slot.is_open());
        let next = first_open.map_or(self.next, |(seq, _)| seq);
        Journal { entries: Vec::new(), next, open: self.open, dropped: self.dropped }
    }

    /// Returns the slots from a sequence number on.
    fn slots_from(&self, since: u64) -> impl Iterator<Item = (u64, &Slot)> {
        let first = self.first();
        let skipped = usize::try_from(since.saturating_sub(first)).unwrap_or(usize::MAX).min(self.slots.len());
        // Numbered from the first slot that is there: `since` may be the largest number that there is.
        (first + skipped as u64..).zip(self.slots.range(skipped..))
    }
}

impl Slot {
    /// Returns the bytes of a finished exchange.
    fn bytes(&self) -> u64 {
        self.finished.as_ref().map_or(0, |finished| finished.size())
    }

    /// Returns the bytes of the body that is kept.
    fn body_bytes(&self) -> u64 {
        let body = self.finished.as_ref().and_then(|finished| finished.body.as_ref());
        body.map_or(0, |body| body.len() as u64)
    }

    /// Returns true for an exchange that is not finished.
    fn is_open(&self) -> bool {
        matches!(self.state, State::Exchange(_)) && self.finished.is_none()
    }

    /// Returns the entry if it is finished and matches a filter.
    fn entry(&self, seq: u64, filter: &Filter) -> Option<Entry> {
        let kind = match (&self.state, &self.finished) {
            (State::Change(change), _) => filter.matches_change(change).then(|| EntryKind::Change(change.clone()))?,
            (State::Exchange(_), None) => return None,
            (State::Exchange(started), Some(finished)) => {
                // What is stored is compared first: the rest has to be parsed.
                if !filter.matches_decision(started, finished.status) {
                    return None;
                }
                // A copy is parsed, so that the stored entry stays small.
                let exchange = Exchange::from_parts(seq, self.at, started, finished);
                filter.matches_heads(&exchange).then(|| EntryKind::Exchange(Arc::new(exchange)))?
            }
        };
        Some(Entry { seq, at: self.at, kind })
    }
}
