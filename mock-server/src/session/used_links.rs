//! The links that were used, where policy `link_use` lets each work once.

use std::hash::{DefaultHasher, Hash, Hasher};

use hashbrown::HashMap;
use jiff::Timestamp;

use crate::token::{Claims, Epoch};

/// The identity of a link: no two links have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LinkId {
    /// The life of the session that gave it.
    pub(crate) epoch: Epoch,
    /// Its number in that life.
    pub(crate) serial: u64,
    /// What it is for.
    pub(crate) subject: LinkSubject,
}

impl LinkId {
    /// Returns the identity of the link with these claims. Its hops have the same.
    pub(crate) fn from_claims(claims: &Claims<'_>) -> Self {
        let Claims { epoch, serial, .. } = *claims;
        Self { epoch, serial, subject: LinkSubject::from_claims(claims) }
    }
}

/// A digest of the document, the caller and the end of a link. With a frozen clock, two processes of one seed give
/// links of one epoch and one serial number; those for two documents differ in this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct LinkSubject(u64);

impl LinkSubject {
    /// Returns the subject of the link with these claims, of which epoch, serial number and hops do not count.
    pub(crate) fn from_claims(claims: &Claims<'_>) -> Self {
        let Claims { crew, document, version, partner, expires, key, .. } = claims;
        // Without a random seed: two processes must agree. The claims are signed, so nobody can choose them.
        let mut hasher = DefaultHasher::new();
        (crew, document, version, partner, expires, key).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The use of a link, if the policy allows only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkUse {
    /// A GET is in progress.
    Reserved,
    /// The last byte was sent.
    Spent,
}

/// The number of records at which those of expired links are dropped for the first time.
const FIRST_SWEEP: usize = 1_024;

/// The records of used links.
#[derive(Debug)]
pub(crate) struct UsedLinks {
    records: HashMap<LinkId, Record>,
    sweep_at: usize,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    link_use: LinkUse,
    /// The first second at which the link is dead anyway, in Unix time.
    expires: i64,
}

impl Default for UsedLinks {
    fn default() -> Self {
        Self { records: HashMap::new(), sweep_at: FIRST_SWEEP }
    }
}

impl UsedLinks {
    /// Returns the use of a link; `None` if it is free.
    pub(crate) fn get(&self, link: LinkId) -> Option<LinkUse> {
        self.records.get(&link).map(|record| record.link_use)
    }

    /// Reserves a link that expires at `expires`.
    pub(crate) fn reserve(&mut self, link: LinkId, expires: i64, now: Timestamp) {
        if self.records.len() >= self.sweep_at {
            self.records.retain(|_, record| record.expires > now.as_second());
            // Doubled, so that a sweep costs little per link even if nothing has expired.
            self.sweep_at = FIRST_SWEEP.max(2 * self.records.len());
        }
        self.records.insert(link, Record { link_use: LinkUse::Reserved, expires });
    }

    /// Spends a reserved link. A reservation from before a reset is not there any more.
    pub(crate) fn spend(&mut self, link: LinkId) {
        if let Some(record) = self.records.get_mut(&link) {
            record.link_use = LinkUse::Spent;
        }
    }

    /// Frees a link whose file did not come out whole.
    pub(crate) fn free(&mut self, link: LinkId) {
        self.records.remove(&link);
    }

    /// Returns the first serial from `serial` on that no used link of that subject has. Another process with the same
    /// seed may have given a link of this epoch that was followed here.
    pub(crate) fn next_free(&self, epoch: Epoch, serial: u64, subject: impl FnOnce() -> LinkSubject) -> u64 {
        if self.records.is_empty() {
            return serial;
        }
        let (mut serial, subject) = (serial, subject());
        while self.records.contains_key(&LinkId { epoch, serial, subject }) {
            serial += 1;
        }
        serial
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: Epoch = Epoch { origin: 0, resets: 0 };

    const SUBJECT: LinkSubject = LinkSubject(1);

    fn link(serial: u64) -> LinkId {
        LinkId { epoch: EPOCH, serial, subject: SUBJECT }
    }

    #[test]
    fn the_records_of_expired_links_are_dropped() {
        let mut used = UsedLinks::default();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for second in 0..100_000_u32 {
            used.reserve(link(second.into()), i64::from(second) + 900, at(second.into()));
            used.spend(link(second.into()));
            assert_eq!(used.get(link(second.into())), Some(LinkUse::Spent));
        }
        assert!(used.records.len() <= 2 * FIRST_SWEEP, "{}", used.records.len());
        assert_eq!(used.get(link(99_100)), Some(LinkUse::Spent), "it is still alive");
    }

    #[test]
    fn a_record_that_is_gone_is_not_made_again() {
        let mut used = UsedLinks::default();
        used.spend(link(1));
        used.free(link(1));
        assert_eq!(used.get(link(1)), None);
    }

    #[test]
    fn a_serial_that_was_used_is_skipped_in_its_epoch() {
        let mut used = UsedLinks::default();
        used.reserve(link(1), 900, Timestamp::UNIX_EPOCH);
        assert_eq!(used.next_free(EPOCH, 1, || SUBJECT), 2);
        assert_eq!(used.next_free(Epoch { resets: 1, ..EPOCH }, 1, || SUBJECT), 1);
        assert_eq!(used.next_free(EPOCH, 1, || LinkSubject(2)), 1, "another document has another link");
    }
}
