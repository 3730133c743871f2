//! Bodies that are kept side by side: what is beside another shares its count, so that a request for any of a hundred
//! thousand finds the count where the last one left it.

use bytes::{Bytes, BytesMut};

/// How large a piece of memory for several bodies is at most.
const PIECE: usize = 256 << 10;

/// A body that is longer has memory of its own, so that little of a piece is left over.
const BESIDE_OTHERS: usize = PIECE / 16;

/// Bodies that are kept. A body that was given up takes its room until all that lie in its piece are.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    /// What is left of the last piece.
    room: BytesMut,
    size: usize,
    given_up: usize,
}

impl Bodies {
    /// How many bytes the bodies take, with those that were given up and lie beside others.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// How many of these bytes are of bodies that were given up.
    pub(super) fn given_up(&self) -> usize {
        self.given_up
    }

    /// Takes a body in, and gives it back as it is kept.
    pub(super) fn put(&mut self, body: &Bytes) -> Bytes {
        // The first piece is as long as its body, and each other one as all before: few bodies take little more room
        // than they must.
        let piece = self.size.clamp(body.len(), PIECE.max(body.len()));
        self.size += body.len();
        if body.len() > BESIDE_OTHERS {
            return body.clone();
        }
        if self.room.capacity() < body.len() {
            self.room = BytesMut::with_capacity(piece);
        }
        self.room.extend_from_slice(body);
        self.room.split().freeze()
    }

    /// Counts a body as given up.
    pub(super) fn give_up(&mut self, body: &Bytes) {
        if body.len() > BESIDE_OTHERS {
            self.size -= body.len();
        } else {
            self.given_up += body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(length: usize) -> Bytes {
        (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn a_body_lies_beside_the_one_before_and_is_the_same() {
        let mut bodies = Bodies::default();
        let before = bodies.put(&body(1_000));
        let [one, other, longer] = [600, 400, 1_001].map(|length| bodies.put(&body(length)));
        assert_eq!([&before, &one, &other, &longer].map(|kept| *kept == body(kept.len())), [true; 4]);
        assert_eq!(one.as_ptr_range().end, other.as_ptr());
        assert_ne!(other.as_ptr_range().end, longer.as_ptr(), "the piece was full");
        assert_eq!(bodies.size(), 3_001);
    }

    #[test]
    fn pieces_grow_to_a_bound() {
        let mut bodies = Bodies::default();
        let mut pieces = Vec::new();
        for _ in 0..200 {
            let before = bodies.room.capacity();
            bodies.put(&body(BESIDE_OTHERS));
            if before < BESIDE_OTHERS {
                pieces.push((bodies.room.capacity() + BESIDE_OTHERS) / BESIDE_OTHERS);
            }
        }
        assert_eq!(pieces[..7], [1, 1, 2, 4, 8, 16, 16]);
    }

    #[test]
    fn what_is_given_up_counts_until_its_neighbours_are() {
        let mut bodies = Bodies::default();
        let kept = [BESIDE_OTHERS, BESIDE_OTHERS + 1].map(|length| bodies.put(&body(length)));
        assert_eq!((bodies.size(), bodies.given_up()), (2 * BESIDE_OTHERS + 1, 0));
        bodies.give_up(&kept[1]);
        assert_eq!((bodies.size(), bodies.given_up()), (BESIDE_OTHERS, 0));
        bodies.give_up(&kept[0]);
        assert_eq!((bodies.size(), bodies.given_up()), (BESIDE_OTHERS, BESIDE_OTHERS));
    }
}
