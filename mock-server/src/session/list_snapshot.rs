//! The list of a person's current documents: its content, its order, and its cache.

use std::cmp::Reverse;
use std::sync::Arc;

use bytes::Bytes;

use super::crew_lookup::CrewLookup;
use super::list_cache::ListCache;
use super::state::{ModifiedCrew, SessionState};
use crate::policy::{DocumentOrder, Policies};
use crate::token::Signer;
use crate::world::{CrewMember, Document, World};

/// A snapshot of everything that a list is made from. Serializing it needs no lock.
#[derive(Debug)]
pub(crate) struct ListSnapshot {
    /// The policies.
    pub(crate) policies: Policies,
    /// The day from which relative dates count.
    pub(crate) first_day: i32,
    /// The day of the list.
    pub(crate) today: i32,
    source: SnapshotSource,
    seed: u64,
    position: u32,
}

/// The crew member of a list, with the key under which the list may be cached.
#[derive(Debug)]
enum SnapshotSource {
    AsLoaded(Arc<World>, Arc<ListCache>),
    /// A modified crew member, and the session's change count at the snapshot.
    Modified(Box<CrewMember>, u64),
}

/// The list of a crew member: cached, or to be serialized.
#[derive(Debug)]
pub(crate) enum CachedList {
    Hit(Bytes),
    Miss(Box<ListSnapshot>),
}

impl SessionState {
    /// Returns the current documents of the crew member at a position, in the order of the list (D:
    /// `document_order`).
    pub fn current_documents(&self, position: u32) -> Vec<&Document> {
        list_current(self.crew(position), self.policies.document_order, self.first_day, self.seed)
    }

    /// Returns the list of a crew member for a day. `lookup` is the result of a lookup before the
    /// lock.
    pub(crate) fn list(&mut self, position: u32, today: i32, lookup: Option<&CrewLookup>) -> CachedList {
        // Lists contain dates relative to the day, so another day makes all of them stale.
        if self.list_cache.load().day != today {
            self.reset_list_cache(today);
        }
        let list_cache = self.list_cache.load();
        let source = match self.modified_crew.get(&position) {
            Some(ModifiedCrew { list: Some(list), .. }) => return CachedList::Hit(list.clone()),
            Some(ModifiedCrew { person, .. }) => SnapshotSource::Modified(Box::new(person.clone()), self.change_count),
            None => {
                let lookup = lookup
                    .filter(|lookup| self.is_lookup_current(lookup) && Arc::ptr_eq(&lookup.list_cache, &list_cache));
                if let Some(list) = lookup.map_or_else(|| list_cache.read(position), |lookup| lookup.list.take()) {
                    return CachedList::Hit(list);
                }
                SnapshotSource::AsLoaded(Arc::clone(self.world()), Arc::clone(&list_cache))
            }
        };
        CachedList::Miss(Box::new(ListSnapshot {
            policies: self.policies.clone(),
            first_day: self.first_day,
            today,
            source,
            seed: self.seed,
            position,
        }))
    }

    /// Clears the list cache and starts one for `day`.
    pub(super) fn reset_list_cache(&mut self, day: i32) {
        self.change_count += 1;
        self.modified_crew.values_mut().for_each(|changed| changed.list = None);
        let lists = ListCache::new(self.world().crew.len(), day, Arc::clone(&self.budget));
        self.list_cache.store(Arc::new(lists));
    }
}

impl super::Session {
    /// Caches a serialized list, unless it is stale or does not fit.
    pub(crate) fn keep_list(&self, snapshot: &ListSnapshot, list: &Bytes) {
        match &snapshot.source {
            // If the cache was replaced meanwhile, nobody reads this one any more.
            SnapshotSource::AsLoaded(_, list_cache) => list_cache.put(snapshot.position, list),
            SnapshotSource::Modified(_, changes) => {
                let mut state = self.lock();
                if state.change_count == *changes
                    && let Some(changed) = state.modified_crew.get_mut(&snapshot.position)
                {
                    changed.list = Some(list.clone());
                }
            }
        }
    }
}

impl ListSnapshot {
    /// Returns the crew member.
    pub(crate) fn person(&self) -> &CrewMember {
        match &self.source {
            SnapshotSource::AsLoaded(world, _) => &world.crew[self.position as usize],
            SnapshotSource::Modified(person, _) => person,
        }
    }

    /// Returns the current documents, in the order of the list.
    pub(crate) fn documents(&self) -> Vec<&Document> {
        list_current(self.person(), self.policies.document_order, self.first_day, self.seed)
    }
}

/// Returns a person's current documents, in the order of the list (D: `document_order`).
fn list_current(person: &CrewMember, order: DocumentOrder, first_day: i32, seed: u64) -> Vec<&Document> {
    let mut current: Vec<_> = person.documents.iter().filter(|document| document.current).collect();
    match order {
        DocumentOrder::Newest => {
            // Of two documents from one day, the later in the file is newer: reversed before the
            // stable sort.
            current.reverse();
            current.sort_by_key(|document| Reverse(document.uploaded.map_or(i32::MIN, |day| day.resolve(first_day))));
        }
        DocumentOrder::Id => current.sort_by(|a, b| a.id.cmp(&b.id)),
        DocumentOrder::Shuffled => {
            // A keyed hash gives a stable order that differs between seeds.
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

    /// The crew member at position 0.
    const ID: &str = "crew_001";

    type Change = fn(&mut SessionState);

    fn session() -> Session {
        Session::new_default(SessionSpec::new(World::starter()), Timestamp::UNIX_EPOCH)
    }

    fn fresh(session: &Session, position: u32, today: i32) -> ListSnapshot {
        match session.lock().list(position, today, None) {
            CachedList::Miss(snapshot) => *snapshot,
            CachedList::Hit(body) => panic!("kept: {body:?}"),
        }
    }

    fn is_kept(session: &Session, position: u32, today: i32) -> bool {
        matches!(session.lock().list(position, today, None), CachedList::Hit(_))
    }

    #[test]
    fn a_list_is_kept_for_its_day_until_its_person_changes() {
        let session = session();
        let body = Bytes::from_static(b"written");
        session.keep_list(&fresh(&session, 0, 7), &body);
        assert!(is_kept(&session, 0, 7) && !is_kept(&session, 1, 7));
        session.lock().crew_mut(1);
        assert!(is_kept(&session, 0, 7));
        session.lock().crew_mut(0);
        assert!(!is_kept(&session, 0, 7));
        session.keep_list(&fresh(&session, 0, 7), &body);
        assert!(!is_kept(&session, 0, 8) && !is_kept(&session, 0, 7));
    }

    #[test]
    fn current_documents_are_listed_with_the_newest_first() {
        let session = session();
        let state = session.lock();
        let current = state.current_documents(0);
        let days: Vec<_> = current.iter().map(|one| one.uploaded.unwrap().resolve(state.first_day)).collect();
        assert!(days.len() > 1 && days.is_sorted_by(|newer, older| newer >= older), "{days:?}");
        assert!(current.iter().all(|document| document.current));
    }

    #[test]
    fn a_snapshot_before_a_change_is_not_cached_after_it() {
        let body = Bytes::from_static(b"written");
        let changes: [(Change, i32); 3] = [
            (|state| state.crew_mut(0).documents.clear(), 7),
            (SessionState::clear_list_cache, 7),
            // A list for another day.
            (|state| drop(state.list(0, 8, None)), 8),
        ];
        for (change, today) in changes {
            let session = session();
            let taken = fresh(&session, 0, 7);
            change(&mut session.lock());
            session.keep_list(&taken, &body);
            assert!(!is_kept(&session, 0, today));
        }
    }

    #[test]
    fn the_list_of_a_modified_person_is_cached_until_the_next_change() {
        let session = session();
        session.lock().crew_mut(0).documents.clear();
        for changes in 0..2 {
            let body = Bytes::from(vec![changes]);
            session.keep_list(&fresh(&session, 0, 7), &body);
            assert!(matches!(session.lock().list(0, 7, None), CachedList::Hit(kept) if kept == body));
            session.lock().crew_mut(0);
        }
        let changes: [Change; 2] = [|state| drop(state.crew_mut(0).documents.pop()), SessionState::clear_list_cache];
        for change in changes {
            let taken = fresh(&session, 0, 7);
            change(&mut session.lock());
            session.keep_list(&taken, &Bytes::from_static(b"written"));
            assert!(!is_kept(&session, 0, 7));
        }
    }

    #[test]
    fn changes_are_counted_on_after_a_reset_and_in_another_world() {
        let restart: [fn(&Session); 2] = [
            |session| session.reset(Timestamp::UNIX_EPOCH),
            |session| session.replace_world(World::starter(), Timestamp::UNIX_EPOCH),
        ];
        for restart in restart {
            let session = session();
            // Once for the change of the day that is listed, and once more.
            session.lock().crew_mut(0);
            let taken = fresh(&session, 0, 7);
            restart(&session);
            // Once for the restart, and once more.
            session.lock().crew_mut(0);
            session.keep_list(&taken, &Bytes::from_static(b"written"));
            assert!(!is_kept(&session, 0, 7));
        }
    }

    #[test]
    fn a_lookup_before_the_lock_is_used_only_while_it_is_current() {
        let list = Bytes::from_static(b"lookup");
        let mut holds = Vec::new();
        let changes: [fn(&Session); 5] = [
            |_| {},
            |session| session.lock().clear_list_cache(),
            |session| drop(session.lock().crew_mut(0).documents.pop()),
            |session| session.reset(Timestamp::UNIX_EPOCH),
            |session| session.replace_world(World::starter(), Timestamp::UNIX_EPOCH),
        ];
        for change in changes {
            let session = session();
            let today = super::super::day_of(Timestamp::UNIX_EPOCH);
            session.keep_list(&fresh(&session, 0, today), &list);
            let lookup = session.resolve_crew(ID, true);
            assert_eq!(*lookup.list.borrow(), Some(list.clone()));
            change(&session);
            let listed = session.lock().list(0, today, Some(&lookup));
            holds.push(matches!(listed, CachedList::Hit(kept) if kept == list));
        }
        assert_eq!(holds, [true, false, false, false, false]);
    }

    #[test]
    fn a_list_may_be_cached_after_a_lookup_that_missed_it() {
        let session = session();
        let taken = fresh(&session, 0, 7);
        let lookup = session.resolve_crew(ID, true);
        session.keep_list(&taken, &Bytes::from_static(b"written"));
        assert!(
            matches!(session.lock().list(0, 7, Some(&lookup)), CachedList::Miss(_)),
            "what was lookup is what counts"
        );
        assert!(is_kept(&session, 0, 7));
    }
}
