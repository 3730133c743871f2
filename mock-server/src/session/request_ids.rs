//! The ids of responses: unique over a run, and the same again for the same seed and requests.

use crate::split_mix64::split_mix64;

/// The source of request ids in one life of a session.
#[derive(Clone, Debug)]
pub(super) struct RequestIds {
    /// What every id of this life begins with.
    prefix: [u8; 20],
    life: u64,
    next: u64,
}

impl RequestIds {
    /// Creates the source for the session with that number after that many resets, in a run with that seed.
    ///
    /// The mixing function is one-to-one. So two lives of a run differ in the first half of their ids, and two
    /// requests of one life in the second half. A session's own seed would undo that: it may differ from the run's
    /// in just the bits of the number.
    pub(super) fn new(run_seed: u64, session: u64, resets: u32) -> Self {
        let life = split_mix64(run_seed ^ 0x9e37_79b9_7f4a_7c15 ^ (session << 32 | u64::from(resets)));
        let mut prefix = *b"req_0000000000000000";
        write_hex(&mut prefix[4..], life);
        Self { prefix, life, next: 1 }
    }

    /// Returns the next id (P).
    pub(super) fn next(&mut self) -> RequestId {
        let count = self.next;
        self.next += 1;
        let mut text = [0; 36];
        let (first, second) = text.split_at_mut(self.prefix.len());
        first.copy_from_slice(&self.prefix);
        write_hex(second, split_mix64(self.life ^ split_mix64(count)));
        RequestId(text)
    }
}

fn write_hex(text: &mut [u8], number: u64) {
    for (digit, at) in text.iter_mut().rev().zip(0..) {
        let nibble = (number >> (4 * at)) & 0xf;
        *digit = b"0123456789abcdef"[usize::try_from(nibble).unwrap_or_default()];
    }
}

/// The id of a response: `req_` and 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId([u8; 36]);

impl RequestId {
    /// Returns the id as bytes for a header.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_occurs_in_two_lives() {
        let mut ids = std::collections::BTreeSet::new();
        for (session, resets) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)] {
            let mut source = RequestIds::new(7, session, resets);
            ids.extend((0..1_000).map(|_| source.next().as_bytes().to_vec()));
            let again = RequestIds::new(7, session, resets).next();
            assert_eq!(RequestIds::new(7, session, resets).next(), again);
        }
        assert_eq!(ids.len(), 5_000);
    }

    #[test]
    fn an_id_is_a_prefix_and_digits() {
        let id = RequestIds::new(1, 0, 0).next();
        let text = std::str::from_utf8(id.as_bytes()).unwrap();
        assert!(text.starts_with("req_") && text[4..].bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
    }
}
