//! The list of a person's current documents: which they are, in which order, and what is kept of it.

use std::cmp::Reverse;
use std::sync::Arc;

use bytes::Bytes;

use super::bodies::Bodies;
use super::live::Live;
use crate::policy::{DocumentOrder, Policies};
use crate::token::Signer;
use crate::world::{CrewMember, Document, World};

/// How much memory the written lists of one session may take: about those of 100,000 people with 10 documents each. What
/// does not fit is written for each request.
const KEPT_AT_MOST: usize = 256 << 20;

/// What a list shows, as it was at one moment: writing it down needs no lock.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The policies.
    pub(crate) policies: Policies,
    /// The day from which relative dates count.
    pub(crate) first_day: i32,
    /// The day on which it is shown.
    pub(crate) today: i32,
    person: Person,
    seed: u64,
    position: u32,
    /// When what it shows was taken.
    taken: u64,
}

#[derive(Debug)]
enum Person {
    AsLoaded(Arc<World>, u32),
    Changed(Box<CrewMember>),
}

/// The list of a crew member: as it was written before, or what is to be written.
#[derive(Debug)]
pub(crate) enum Listed {
    Kept(Bytes),
    Fresh(Box<Listing>),
}

/// Lists that were written before, all on one day of the session's clock.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// By the position of the crew member, as far as any was written: in a large world each look elsewhere costs.
    written: Vec<Option<Bytes>>,
    bodies: Bodies,
    day: i32,
    /// Counts what was forgotten: a list that was taken before is not kept after.
    forgotten: u64,
}

impl Lists {
    /// Forgets all of them; called when a policy changes.
    pub(super) fn forget(&mut self) {
        *self = Self { forgotten: self.forgotten + 1, ..Self::default() };
    }

    /// Forgets that of one person.
    pub(super) fn forget_one(&mut self, position: u32) {
        self.forgotten += 1;
        if let Some(body) = self.written.get_mut(position as usize).and_then(Option::take) {
            self.bodies.give_up(&body);
        }
    }

    fn keep(&mut self, position: u32, body: &Bytes) {
        let place = position as usize;
        if self.written.len() <= place {
            self.written.resize(place + 1, None);
        }
        let body = self.bodies.put(body);
        if let Some(before) = self.written[place].replace(body) {
            self.bodies.give_up(&before);
        }
    }
}

impl Live {
    /// The current documents of the crew member at a position, in the order of the list (D: `document_order`).
    pub fn current_documents(&self, position: u32) -> Vec<&Document> {
        current(self.crew(position), self.policies.document_order, self.first_day, self.seed)
    }

    /// The list of a crew member on a day.
    pub(crate) fn list(&mut self, position: u32, today: i32) -> Listed {
        if self.lists.day != today {
            self.lists.forget();
            self.lists.day = today;
        }
        if let Some(Some(body)) = self.lists.written.get(position as usize) {
            return Listed::Kept(body.clone());
        }
        let person = match self.changed.get(&position) {
            Some(changed) => Person::Changed(Box::new(changed.clone())),
            None => Person::AsLoaded(Arc::clone(self.world()), position),
        };
        Listed::Fresh(Box::new(Listing {
            policies: self.policies.clone(),
            first_day: self.first_day,
            today,
            person,
            seed: self.seed,
            position,
            taken: self.lists.forgotten,
        }))
    }

    fn keep_list(&mut self, listing: &Listing, body: &Bytes) {
        let lists = &mut self.lists;
        if lists.bodies.size() + body.len() > KEPT_AT_MOST {
            // Where most of what is kept is of no use any more, the lists that are asked for from now on take its place.
            if lists.bodies.given_up() > KEPT_AT_MOST / 2 {
                lists.forget();
            }
        } else if listing.taken == lists.forgotten {
            lists.keep(listing.position, body);
        }
    }
}

impl super::Session {
    /// Keeps a list that was written, unless it holds no longer or does not fit.
    pub(crate) fn keep_list(&self, listing: &Listing, body: &Bytes) {
        self.live().keep_list(listing, body);
    }
}

impl Listing {
    /// The crew member.
    pub(crate) fn person(&self) -> &CrewMember {
        match &self.person {
            Person::AsLoaded(world, position) => &world.crew[*position as usize],
            Person::Changed(person) => person,
        }
    }

    /// The current documents, in the order of the list.
    pub(crate) fn documents(&self) -> Vec<&Document> {
        current(self.person(), self.policies.document_order, self.first_day, self.seed)
    }
}

/// A person's current documents, in the order of the list (D: `document_order`).
fn current(person: &CrewMember, order: DocumentOrder, first_day: i32, seed: u64) -> Vec<&Document> {
    let mut current: Vec<_> = person.documents.iter().filter(|document| document.current).collect();
    match order {
        DocumentOrder::Newest => {
            // Later in the file is newer on one day, so the file's order is turned before the stable sort.
            current.reverse();
            current.sort_by_key(|document| Reverse(document.uploaded.map_or(i32::MIN, |day| day.resolve(first_day))));
        }
        DocumentOrder::Id => current.sort_by(|a, b| a.id.cmp(&b.id)),
        DocumentOrder::Shuffled => {
            let signer = Signer::new(&seed.to_be_bytes());
            current.sort_by_cached_key(|document| signer.tag(&document.id));
        }
    }
    current
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::{Session, SessionSpec};
    use super::*;

    type Change = fn(&mut Live);

    fn session() -> Session {
        Session::default_of(SessionSpec::of(World::starter()), Timestamp::UNIX_EPOCH)
    }

    fn fresh(session: &Session, position: u32, today: i32) -> Listing {
        match session.live().list(position, today) {
            Listed::Fresh(listing) => *listing,
            Listed::Kept(body) => panic!("kept: {body:?}"),
        }
    }

    fn is_kept(session: &Session, position: u32, today: i32) -> bool {
        matches!(session.live().list(position, today), Listed::Kept(_))
    }

    #[test]
    fn a_list_is_kept_for_its_day_until_its_person_changes() {
        let session = session();
        let body = Bytes::from_static(b"written");
        session.keep_list(&fresh(&session, 0, 7), &body);
        assert!(is_kept(&session, 0, 7) && !is_kept(&session, 1, 7));
        session.live().crew_mut(1);
        assert!(is_kept(&session, 0, 7));
        session.live().crew_mut(0);
        assert!(!is_kept(&session, 0, 7));
        session.keep_list(&fresh(&session, 0, 7), &body);
        assert!(!is_kept(&session, 0, 8) && !is_kept(&session, 0, 7));
    }

    #[test]
    fn current_documents_are_listed_with_the_newest_first() {
        let session = session();
        let live = session.live();
        let current = live.current_documents(0);
        let days: Vec<_> = current.iter().map(|one| one.uploaded.unwrap().resolve(live.first_day)).collect();
        assert!(days.len() > 1 && days.is_sorted_by(|newer, older| newer >= older), "{days:?}");
        assert!(current.iter().all(|document| document.current));
    }

    #[test]
    fn a_list_that_takes_the_place_of_another_is_counted_once() {
        let mut lists = Lists::default();
        let sizes = [(3, "one"), (3, "three"), (0, "two")].map(|(position, body)| {
            lists.keep(position, &Bytes::from_static(body.as_bytes()));
            (lists.bodies.size(), lists.bodies.given_up())
        });
        assert_eq!(sizes, [(3, 0), (8, 3), (11, 3)]);
        let sizes = [3, 3, 9, 0].map(|position| {
            lists.forget_one(position);
            lists.bodies.given_up()
        });
        assert_eq!(sizes, [8, 8, 8, 11]);
    }

    #[test]
    fn what_was_taken_before_a_change_is_not_kept_after_it() {
        let body = Bytes::from_static(b"written");
        let changes: [(Change, i32); 3] = [
            (|live| live.crew_mut(0).documents.clear(), 7),
            (Live::forget_lists, 7),
            // Another day.
            (|live| drop(live.list(0, 8)), 8),
        ];
        for (change, today) in changes {
            let session = session();
            let taken = fresh(&session, 0, 7);
            change(&mut session.live());
            session.keep_list(&taken, &body);
            assert!(!is_kept(&session, 0, today));
        }
    }

    #[test]
    fn what_fits_beside_another_is_kept_beside_it() {
        let session = session();
        for position in [0, 1] {
            session.keep_list(&fresh(&session, position, 7), &vec![0; KEPT_AT_MOST / 2].into());
        }
        assert!(is_kept(&session, 0, 7) && is_kept(&session, 1, 7));
    }

    #[test]
    fn what_does_not_fit_makes_no_room() {
        let session = session();
        session.keep_list(&fresh(&session, 0, 7), &vec![0; KEPT_AT_MOST - 1].into());
        session.keep_list(&fresh(&session, 1, 7), &vec![0; 2].into());
        assert!(is_kept(&session, 0, 7) && !is_kept(&session, 1, 7));
        // Forgotten, it leaves its room behind.
        session.live().crew_mut(0);
        session.keep_list(&fresh(&session, 1, 7), &vec![0; KEPT_AT_MOST].into());
        assert!(is_kept(&session, 1, 7));
    }
}
