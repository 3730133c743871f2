//! Lists that were written down, for as long as they hold: who comes later reads them off without waiting for anybody.

use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::{Bytes, BytesMut};

/// How much memory the lists of one cache may take. Those of 100,000 people with 10 documents each take some 260 MiB.
/// What does not fit is written for each request.
const AT_MOST: usize = 320 << 20;

/// How many places one part of a cache has. A part is there once it is written to.
const PART: usize = 256;

/// How large a piece of memory for several lists is at most: so large that the counts of all pieces stay in the
/// processor's caches.
const PIECE: usize = 4 << 20;

/// A list that is longer has memory of its own, so that little of a piece is left over.
const BESIDE_OTHERS: usize = PIECE / 64;

/// The lists of the people of a world as it was loaded, all on one day of the session's clock and by one choice of
/// policies. A cache is never wiped: where they hold no longer, there is another one.
#[derive(Debug)]
pub(super) struct ListCache {
    /// The day.
    pub(super) day: i32,
    people: usize,
    /// By the position of the crew member.
    parts: Box<[OnceLock<Part>]>,
    memory: Mutex<Memory>,
}

type Part = Box<[OnceLock<Bytes>]>;

impl ListCache {
    /// An empty cache for so many people.
    pub(super) fn new(people: usize, day: i32) -> Self {
        let parts = (0..people.div_ceil(PART)).map(|_| OnceLock::new()).collect();
        Self { day, people, parts, memory: Mutex::default() }
    }

    /// The list of the crew member at a position, if it is there.
    pub(super) fn read(&self, position: u32) -> Option<Bytes> {
        let at = position as usize;
        self.parts.get(at / PART)?.get()?.get(at % PART)?.get().cloned()
    }

    /// Puts up a list, unless there is no room.
    pub(super) fn put(&self, position: u32, list: &Bytes) {
        let at = position as usize;
        let Some(part) = self.parts.get(at / PART) else { return };
        let left = self.people - at / PART * PART;
        let places = part.get_or_init(|| (0..left.min(PART)).map(|_| OnceLock::new()).collect());
        let Some(place) = places.get(at % PART).filter(|place| place.get().is_none()) else { return };
        if let Some(kept) = self.memory.lock().unwrap_or_else(PoisonError::into_inner).keep(list) {
            // Whoever was quicker wrote the same.
            let _ = place.set(kept);
        }
    }
}

/// The memory of lists. Those that lie beside one another share a count, so that a request for any of a hundred thousand
/// finds the count where the last one left it.
#[derive(Debug, Default)]
struct Memory {
    /// What is left of the last piece.
    room: BytesMut,
    taken: usize,
}

impl Memory {
    fn keep(&mut self, list: &Bytes) -> Option<Bytes> {
        if self.taken + list.len() > AT_MOST {
            return None;
        }
        // The first piece is as long as its list, and each other one as all before: few lists take little more room than
        // they must.
        let piece = self.taken.min(PIECE).max(list.len());
        self.taken += list.len();
        if list.len() > BESIDE_OTHERS {
            return Some(list.clone());
        }
        if self.room.capacity() < list.len() {
            self.room = BytesMut::with_capacity(piece);
        }
        self.room.extend_from_slice(list);
        Some(self.room.split().freeze())
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
        let people = 2 * PART + 1;
        let list_cache = ListCache::new(people, 7);
        let positions = [0, 1, PART - 1, PART, people - 1].map(|at| u32::try_from(at).unwrap());
        for (length, position) in positions.into_iter().enumerate() {
            assert_eq!(list_cache.read(position), None);
            list_cache.put(position, &list(length));
        }
        for (length, position) in positions.into_iter().enumerate() {
            assert_eq!(list_cache.read(position), Some(list(length)));
        }
        let parts: Vec<_> = list_cache.parts.iter().map(|part| part.get().unwrap().len()).collect();
        assert_eq!(parts, [PART, PART, 1]);
        for outside in [people, 3 * PART].map(|at| u32::try_from(at).unwrap()) {
            list_cache.put(outside, &list(1));
            assert_eq!((list_cache.read(2), list_cache.read(outside)), (None, None));
        }
    }

    #[test]
    fn the_first_list_of_a_place_stays() {
        let list_cache = ListCache::new(1, 7);
        list_cache.put(0, &list(3));
        list_cache.put(0, &list(4));
        assert_eq!(list_cache.read(0), Some(list(3)));
        assert_eq!(list_cache.memory.lock().unwrap().taken, 3);
    }

    #[test]
    fn lists_lie_side_by_side_and_are_the_same() {
        let mut memory = Memory::default();
        let kept = [1_000, 600, 400, 1_001].map(|length| memory.keep(&list(length)).unwrap());
        assert_eq!(kept.each_ref().map(|kept| *kept == list(kept.len())), [true; 4]);
        let [before, one, other, longer] = kept.each_ref().map(|kept| kept.as_ptr_range());
        assert_ne!(before.end, one.start, "the piece was full");
        assert_eq!(one.end, other.start);
        assert_ne!(other.end, longer.start, "the piece was full");
        assert_eq!(memory.taken, 3_001);
    }

    #[test]
    fn pieces_grow_to_a_bound() {
        let mut memory = Memory::default();
        let mut pieces = Vec::new();
        for _ in 0..300 {
            let before = memory.room.capacity();
            memory.keep(&list(BESIDE_OTHERS));
            if before < BESIDE_OTHERS {
                pieces.push((memory.room.capacity() + BESIDE_OTHERS) / BESIDE_OTHERS);
            }
        }
        assert_eq!(pieces[..9], [1, 1, 2, 4, 8, 16, 32, 64, 64]);
    }

    #[test]
    fn a_long_list_has_memory_of_its_own() {
        let mut memory = Memory::default();
        for (length, own) in [(BESIDE_OTHERS, false), (BESIDE_OTHERS + 1, true)] {
            let list = list(length);
            assert_eq!(memory.keep(&list).unwrap().as_ptr() == list.as_ptr(), own, "{length}");
        }
    }

    #[test]
    fn what_does_not_fit_makes_no_room() {
        let mut memory = Memory::default();
        let half = Bytes::from(vec![0; AT_MOST / 2]);
        assert!(memory.keep(&half).is_some());
        assert!(memory.keep(&vec![0; AT_MOST / 2 + 1].into()).is_none());
        assert!(memory.keep(&half).is_some(), "to the last byte");
        assert!(memory.keep(&list(1)).is_none());
    }
}
