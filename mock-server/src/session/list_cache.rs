//! A cache of serialized document lists. Later requests read them without a lock.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::{Bytes, BytesMut};

use super::budget::Budget;

/// The capacity of one cache in bytes. The lists of 100,000 people with 10 documents each take some
/// 260 MiB. Lists that do not fit are serialized for each request.
const MAX_CACHE_BYTES: usize = 320 << 20;

/// The number of lists per part. A part is allocated with its first list.
const LISTS_PER_PART: usize = 256;

/// The maximum size of a shared chunk in bytes: so large that the reference counts of all chunks
/// stay in the processor's caches.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// The maximum size of a list in a shared chunk. A longer list has its own memory, so that little
/// of a chunk is wasted.
const MAX_SHARED_LIST_BYTES: usize = MAX_CHUNK_BYTES / 64;

/// The lists of a world as it was loaded, for one day of the session's clock and one set of
/// policies. A cache is never cleared: when its lists become stale, it is replaced.
#[derive(Debug)]
pub(super) struct ListCache {
    /// The day, counted from 1970-01-01.
    pub(super) day: i32,
    crew_count: usize,
    /// The lists, by the position of the crew member.
    parts: Box<[OnceLock<Part>]>,
    memory: Mutex<ListMemory>,
}

type Part = Box<[OnceLock<Bytes>]>;

impl ListCache {
    /// Creates an empty cache for `crew_count` crew members.
    pub(super) fn new(crew_count: usize, day: i32, budget: Arc<Budget>) -> Self {
        let parts = (0..crew_count.div_ceil(LISTS_PER_PART)).map(|_| OnceLock::new()).collect();
        Self { day, crew_count, parts, memory: Mutex::new(ListMemory::new(budget)) }
    }

    /// Returns the list of the crew member at a position, if it is cached.
    pub(super) fn read(&self, position: u32) -> Option<Bytes> {
        let index = position as usize;
        self.parts.get(index / LISTS_PER_PART)?.get()?.get(index % LISTS_PER_PART)?.get().cloned()
    }

    /// Stores a list, unless the cache is full.
    pub(super) fn put(&self, position: u32, list: &Bytes) {
        let index = position as usize;
        let Some(part) = self.parts.get(index / LISTS_PER_PART) else { return };
        let left = self.crew_count - index / LISTS_PER_PART * LISTS_PER_PART;
        let slots = part.get_or_init(|| (0..left.min(LISTS_PER_PART)).map(|_| OnceLock::new()).collect());
        let Some(slot) = slots.get(index % LISTS_PER_PART).filter(|slot| slot.get().is_none()) else { return };
        if let Some(kept) = self.memory.lock().unwrap_or_else(PoisonError::into_inner).store(list) {
            // A concurrent writer stored the same list.
            let _ = slot.set(kept);
        }
    }
}

/// The memory of lists. Neighbours share a reference count, so that a request for any of 100,000
/// lists finds the count in the processor's cache.
#[derive(Debug)]
struct ListMemory {
    /// The free rest of the last chunk.
    chunk: BytesMut,
    used: usize,
    budget: Arc<Budget>,
}

impl Drop for ListMemory {
    fn drop(&mut self) {
        self.budget.change_bytes(self.used as u64, 0);
    }
}

impl ListMemory {
    fn new(budget: Arc<Budget>) -> Self {
        Self { chunk: BytesMut::new(), used: 0, budget }
    }

    fn store(&mut self, list: &Bytes) -> Option<Bytes> {
        if self.used + list.len() > MAX_CACHE_BYTES || self.budget.is_exceeded() {
            return None;
        }
        // Each chunk is as large as all before it together, so that few lists take little more
        // memory than they need.
        let chunk_size = self.used.min(MAX_CHUNK_BYTES).max(list.len());
        self.used += list.len();
        self.budget.change_bytes(0, list.len() as u64);
        if list.len() > MAX_SHARED_LIST_BYTES {
            return Some(list.clone());
        }
        if self.chunk.capacity() < list.len() {
            self.chunk = BytesMut::with_capacity(chunk_size);
        }
        self.chunk.extend_from_slice(list);
        Some(self.chunk.split().freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(length: usize) -> Bytes {
        (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn a_list_is_read_where_it_was_put() {
        let crew_count = 2 * LISTS_PER_PART + 1;
        let list_cache = ListCache::new(crew_count, 7, Arc::default());
        let positions = [0, 1, LISTS_PER_PART - 1, LISTS_PER_PART, crew_count - 1].map(|at| u32::try_from(at).unwrap());
        for (length, position) in positions.into_iter().enumerate() {
            assert_eq!(list_cache.read(position), None);
            list_cache.put(position, &list(length));
        }
        for (length, position) in positions.into_iter().enumerate() {
            assert_eq!(list_cache.read(position), Some(list(length)));
        }
        let parts: Vec<_> = list_cache.parts.iter().map(|part| part.get().unwrap().len()).collect();
        assert_eq!(parts, [LISTS_PER_PART, LISTS_PER_PART, 1]);
        for outside in [crew_count, 3 * LISTS_PER_PART].map(|at| u32::try_from(at).unwrap()) {
            list_cache.put(outside, &list(1));
            assert_eq!((list_cache.read(2), list_cache.read(outside)), (None, None));
        }
    }

    #[test]
    fn the_first_list_of_a_position_stays() {
        let list_cache = ListCache::new(1, 7, Arc::default());
        list_cache.put(0, &list(3));
        list_cache.put(0, &list(4));
        assert_eq!(list_cache.read(0), Some(list(3)));
        assert_eq!(list_cache.memory.lock().unwrap().used, 3);
    }

    #[test]
    fn lists_are_stored_side_by_side_unchanged() {
        let mut memory = ListMemory::new(Arc::default());
        let kept = [1_000, 600, 400, 1_001].map(|length| memory.store(&list(length)).unwrap());
        assert_eq!(kept.each_ref().map(|kept| *kept == list(kept.len())), [true; 4]);
        let [before, one, other, longer] = kept.each_ref().map(|kept| kept.as_ptr_range());
        assert_ne!(before.end, one.start, "the chunk_size was full");
        assert_eq!(one.end, other.start);
        assert_ne!(other.end, longer.start, "the chunk_size was full");
        assert_eq!(memory.used, 3_001);
    }

    #[test]
    fn chunks_grow_to_a_maximum() {
        let mut memory = ListMemory::new(Arc::default());
        let mut pieces = Vec::new();
        for _ in 0..300 {
            let before = memory.chunk.capacity();
            memory.store(&list(MAX_SHARED_LIST_BYTES));
            if before < MAX_SHARED_LIST_BYTES {
                pieces.push((memory.chunk.capacity() + MAX_SHARED_LIST_BYTES) / MAX_SHARED_LIST_BYTES);
            }
        }
        assert_eq!(pieces[..9], [1, 1, 2, 4, 8, 16, 32, 64, 64]);
    }

    #[test]
    fn a_long_list_has_its_own_memory() {
        let mut memory = ListMemory::new(Arc::default());
        for (length, own) in [(MAX_SHARED_LIST_BYTES, false), (MAX_SHARED_LIST_BYTES + 1, true)] {
            let list = list(length);
            assert_eq!(memory.store(&list).unwrap().as_ptr() == list.as_ptr(), own, "{length}");
        }
    }

    #[test]
    fn a_list_that_does_not_fit_evicts_nothing() {
        let mut memory = ListMemory::new(Arc::default());
        let half = Bytes::from(vec![0; MAX_CACHE_BYTES / 2]);
        assert!(memory.store(&half).is_some());
        assert!(memory.store(&vec![0; MAX_CACHE_BYTES / 2 + 1].into()).is_none());
        assert!(memory.store(&half).is_some(), "to the last byte");
        assert!(memory.store(&list(1)).is_none());
    }
}
