//! The bound on what all sessions of a run hold together: documents and people, and bytes of worlds, uploads, changes,
//! journals and lists.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of documents and people that sessions may have beside the served world.
pub(crate) const MAX_DOCUMENTS: u64 = 2_000_000;

/// The number of bytes that worlds, uploads, changes, journals and cached lists may take.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// What all sessions of a run hold together.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    documents: AtomicU64,
    bytes: AtomicU64,
}

/// A part of a budget, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Arc<Budget>,
    documents: u64,
    bytes: u64,
}

impl Budget {
    /// Takes documents and bytes, or returns `None` if fewer are left.
    pub(crate) fn charge(self: &Arc<Self>, documents: u64, bytes: u64) -> Option<Charge> {
        try_add(&self.documents, documents, MAX_DOCUMENTS)?;
        // Made first, so that the documents are given back if the bytes are not there.
        let mut charge = Charge { budget: Arc::clone(self), documents, bytes: 0 };
        try_add(&self.bytes, bytes, MAX_BYTES)?;
        charge.bytes = bytes;
        Some(charge)
    }

    /// Changes the bytes of something that makes room by itself, from one number to another.
    pub(crate) fn change_bytes(&self, from: u64, to: u64) {
        match to.checked_sub(from) {
            Some(0) => {}
            Some(more) => drop(self.bytes.fetch_add(more, Ordering::Relaxed)),
            None => drop(self.bytes.fetch_sub(from - to, Ordering::Relaxed)),
        }
    }

    /// Returns true if more bytes are held than there may be.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > MAX_BYTES
    }
}

impl Charge {
    /// Changes the bytes, also beyond what there may be: the caller has made sure of the room.
    pub(super) fn set_bytes(&mut self, bytes: u64) {
        self.budget.change_bytes(self.bytes, bytes);
        self.bytes = bytes;
    }
}

fn try_add(held: &AtomicU64, more: u64, most: u64) -> Option<()> {
    let add = |now: u64| now.checked_add(more).filter(|sum| *sum <= most || more == 0);
    held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok().map(drop)
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.documents.fetch_sub(self.documents, Ordering::Relaxed);
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Arc::<Budget>::default();
        let all = budget.charge(MAX_DOCUMENTS, MAX_BYTES).unwrap();
        assert!(budget.charge(1, 0).is_none() && budget.charge(0, 1).is_none() && budget.charge(0, 0).is_some());
        drop(all);
        assert!(budget.charge(1, MAX_BYTES + 1).is_none() && budget.charge(u64::MAX, 0).is_none());
        let all = budget.charge(MAX_DOCUMENTS, MAX_BYTES).unwrap();
        budget.change_bytes(0, 5);
        assert!(budget.is_exceeded());
        drop(all);
        budget.change_bytes(5, 2);
        assert!(budget.charge(0, MAX_BYTES - 1).is_none());
        assert!(budget.charge(0, MAX_BYTES - 2).is_some() && !budget.is_exceeded());
    }
}
