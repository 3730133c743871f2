//! What changes in a session: one struct, behind one lock, owned by [`super::Session`].
//!
//! Everything that a request may count, match or move is here, so that it happens in one step (invariant 7). Nothing
//! here does I/O or asks the time; both are passed in.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use compact_str::CompactString;
use hashbrown::HashMap;
use jiff::Timestamp;

use super::crew_lookup::CrewLookup;
use super::limiter::Limiter;
use super::list_cache::ListCache;
use super::spec::SessionSpec;
use super::store::Store;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Log;
use crate::policy::Policies;
use crate::secret::ApiKey;
use crate::world::{Content, CrewMember, Document, Key, Partner, World};

/// The live state of a session.
#[derive(Debug)]
pub struct SessionState {
    /// The clock.
    pub clock: Clock,
    /// The policies.
    pub policies: Policies,
    /// The file store.
    pub store: Store,
    /// The rules that make answers fail.
    pub faults: Faults,
    /// The partners, with their keys, scopes and plan as they are now.
    pub partners: Vec<Partner>,
    /// The day on which the clock started, from which relative dates count.
    pub first_day: i32,
    /// The seed of the session.
    pub(crate) seed: u64,
    /// How the session began, with the world that it has now.
    pub(super) spec: Arc<SessionSpec>,
    pub(super) changed: HashMap<u32, Changed>,
    /// Counts what was changed: a list that was taken before is not kept after.
    pub(super) changes: u64,
    pub(super) uploads: HashMap<CompactString, Upload>,
    pub(super) limiter: Limiter,
    pub(crate) uses: HashMap<u64, LinkUse>,
    pub(crate) next_link: u64,
    pub(super) next_request: u64,
    pub(super) next_upload: u64,
    pub(crate) journal: Log,
    /// The lists of those who were not changed; the session has it, too.
    pub(super) list_cache: Arc<ArcSwap<ListCache>>,
}

/// A file that came by the control API.
#[derive(Debug)]
pub struct Upload {
    /// The bytes, in memory or in a temporary file.
    pub content: Content,
    /// Removes the temporary file when the session ends.
    pub temporary: Option<Arc<tempfile::TempPath>>,
}

/// A crew member who was changed, and the list as it was written since.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) person: CrewMember,
    pub(super) list: Option<Bytes>,
}

/// How far a link has been used, where the policy lets it be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkUse {
    /// A GET is on its way.
    Reserved,
    /// Its last byte is out.
    Spent,
}

impl SessionState {
    /// The state that a world begins with, on a clock that starts as told.
    pub(super) fn begin(
        spec: Arc<SessionSpec>,
        seed: u64,
        partners: Vec<Partner>,
        clock: Clock,
        real: Timestamp,
    ) -> Self {
        let first_day = day_of(clock.now(real));
        let list_cache = Arc::new(ArcSwap::from_pointee(ListCache::new(spec.world.crew.len(), first_day)));
        Self {
            clock,
            policies: spec.policies.clone(),
            store: Store::default(),
            faults: Faults::default(),
            partners,
            first_day,
            seed,
            spec,
            changed: HashMap::new(),
            changes: 0,
            uploads: HashMap::new(),
            limiter: Limiter::default(),
            uses: HashMap::new(),
            next_link: 1,
            next_request: 1,
            next_upload: 1,
            journal: Log::default(),
            list_cache,
        }
    }

    /// Goes on with another world. Ids and serials are not given twice, a link that was spent stays spent, and relative
    /// days count from the day from which they counted before.
    pub(super) fn replace(&mut self, spec: SessionSpec, real: Timestamp) {
        let partners = spec.world.partners.clone();
        let begun = Self::begin(Arc::new(spec), self.seed, partners, self.clock.clone(), real);
        *self = Self {
            faults: std::mem::take(&mut self.faults),
            first_day: self.first_day,
            limiter: std::mem::take(&mut self.limiter),
            uses: std::mem::take(&mut self.uses),
            next_link: self.next_link,
            next_request: self.next_request,
            next_upload: self.next_upload,
            journal: std::mem::take(&mut self.journal),
            changes: self.changes,
            list_cache: Arc::clone(&self.list_cache),
            ..begun
        };
        self.forget_lists();
    }

    /// The world as it was loaded.
    pub fn world(&self) -> &Arc<World> {
        &self.spec.world
    }

    /// The crew member at a position, as he or she is now.
    pub fn crew(&self, position: u32) -> &CrewMember {
        self.changed.get(&position).map_or_else(|| &self.spec.world.crew[position as usize], |changed| &changed.person)
    }

    /// The position of a crew member by id.
    pub fn position(&self, id: &str) -> Option<u32> {
        self.spec.world.position(id)
    }

    /// The same, as it was found before the lock was taken; looked for again if there is another world since.
    pub(crate) fn position_as_found(&self, id: &str, found: Option<&CrewLookup>) -> Option<u32> {
        match found {
            Some(found) if self.is_as_found(found) => found.position,
            _ => self.position(id),
        }
    }

    /// Whether the world is the one that somebody was looked for in.
    pub(super) fn is_as_found(&self, found: &CrewLookup) -> bool {
        Arc::ptr_eq(&found.world, self.world())
    }

    /// The crew member at a position, to be changed; the list that was written is forgotten.
    pub fn crew_mut(&mut self, position: u32) -> &mut CrewMember {
        self.changes += 1;
        let as_loaded = || Changed { person: self.spec.world.crew[position as usize].clone(), list: None };
        let changed = self.changed.entry(position).or_insert_with(as_loaded);
        changed.list = None;
        &mut changed.person
    }

    /// The partner and the key of that text, if it is known; a revoked key is found, too.
    pub fn key(&self, text: &str) -> Option<(&Partner, &Key)> {
        let keys = self.partners.iter().flat_map(|partner| partner.keys.iter().map(move |key| (partner, key)));
        keys.into_iter().find(|(_, key)| key.key.as_ref().is_some_and(|key| key.reveal() == text))
    }

    /// The text of the key of that name, or of the first one.
    pub fn key_named(&self, name: Option<&str>) -> Option<&ApiKey> {
        let mut keys = self.partners.iter().flat_map(|partner| &partner.keys);
        keys.find(|key| name.is_none_or(|name| *key.name == *name)).and_then(|key| key.key.as_ref())
    }

    /// The partner of that id.
    pub fn partner_mut(&mut self, id: &str) -> Option<&mut Partner> {
        self.partners.iter_mut().find(|partner| *partner.id == *id)
    }

    /// Forgets every list that was written; called when a policy changes.
    pub fn forget_lists(&mut self) {
        let day = self.list_cache.load().day;
        self.begin_lists(day);
    }

    /// Takes a token of the limiter, or tells how many seconds to wait.
    pub(crate) fn limit(&mut self, caller: &str, now: Timestamp) -> Result<(), f64> {
        self.limiter.take(caller, now)
    }

    /// Does what a request would do to the counters of the checks, and takes it back.
    pub(crate) fn rehearse<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (limiter, store) = (self.limiter.clone(), self.store);
        let outcome = work(self);
        (self.limiter, self.store) = (limiter, store);
        outcome
    }

    /// Notes in the journal what the control API changed.
    pub(crate) fn note(&mut self, real: Timestamp, topic: &'static str, detail: serde_json::Value) {
        let now = self.clock.now(real);
        self.journal.change(now, topic, detail);
    }

    /// Whether the file of a document would first have to be made, which is not done under a lock.
    pub(crate) fn has_to_generate(&self, document: &Document) -> bool {
        !self.uploads.contains_key(&document.id) && self.world().has_to_generate(document)
    }

    /// The file of a document.
    pub fn content(&self, document: &Document) -> std::io::Result<crate::world::Content> {
        match self.uploads.get(&document.id) {
            Some(upload) => Ok(upload.content.clone()),
            None => self.spec.world.content(document),
        }
    }
}

/// Days since 1970-01-01 of an instant, in UTC.
pub fn day_of(at: Timestamp) -> i32 {
    // The range of timestamps is within some four million days of the epoch.
    i32::try_from(at.as_second().div_euclid(86_400)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{Session, UploadNote};
    use super::*;
    use crate::journal::Filter;
    use crate::request::Step;
    use crate::world::Content;

    #[test]
    fn another_world_takes_over_what_was_spent_and_counted() {
        let session = Session::default_of(SessionSpec::of(World::starter()), Timestamp::UNIX_EPOCH);
        {
            let mut state = session.lock();
            while state.limiter.take("prt_123 read", Timestamp::UNIX_EPOCH).is_ok() {}
            (state.next_link, state.next_request, state.next_upload) = (7, 8, 9);
            state.uses.insert(6, LinkUse::Spent);
            state.note(Timestamp::UNIX_EPOCH, "before", ().into());
            state.crew_mut(0).name = Some("Changed".into());
            state.faults = Faults::new(&["{then: {status: 503}}".parse().unwrap()], Timestamp::UNIX_EPOCH);
        }
        let other = "policies: {link_ttl: 60s}\ncrew: [{id: crew_001, documents: []}]";
        let other = Arc::new(World::parse(other, "other", None).unwrap());
        session.replace_world(Arc::clone(&other), Timestamp::from_second(3 * 86_400).unwrap());
        let mut state = session.lock();
        assert!(Arc::ptr_eq(state.world(), &other) && state.crew(0).name.is_none());
        state.limiter.take("prt_123 read", Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!((state.first_day, state.next_link, state.next_request, state.next_upload), (0, 7, 8, 9));
        assert_eq!((state.policies.link_ttl.seconds(), state.faults.is_empty()), (60, false));
        assert_eq!(state.uses.get(&6), Some(&LinkUse::Spent));
        let journal = state.journal.read(&Filter::default());
        let topics: Vec<_> = journal.entries.iter().filter_map(|entry| Some(entry.change()?.topic)).collect();
        assert_eq!(topics, ["before", "world"]);
    }

    #[test]
    fn who_was_found_is_looked_for_again_in_another_world() {
        let session = Session::default_of(SessionSpec::of(World::starter()), Timestamp::UNIX_EPOCH);
        let ids = ["crew_001", "crew_002", "nobody"];
        let found = ids.map(|id| session.find(id, Step::Link));
        let positions = || {
            let state = session.lock();
            [0, 1, 2].map(|at| state.position_as_found(ids[at], Some(&found[at])))
        };
        assert_eq!(positions(), [Some(0), Some(1), None]);
        let other = "crew: [{id: nobody, documents: []}, {id: crew_001, documents: []}]";
        session.replace_world(Arc::new(World::parse(other, "other", None).unwrap()), Timestamp::UNIX_EPOCH);
        assert_eq!(positions(), [Some(1), None, Some(0)]);
    }

    #[test]
    fn a_file_has_to_be_made_only_where_it_is_large_and_not_at_hand() {
        let world = r#"{"crew": [{"id": "c", "documents": [
            {"id": "large", "type": "t", "title": "t", "verification_status": "verified",
             "file": {"generate": "bytes", "size": 2000000}},
            {"id": "small", "type": "t", "title": "t", "verification_status": "verified",
             "file": {"generate": "bytes", "size": 2000}}]}]}"#;
        let world = Arc::new(World::parse(world, "made", None).unwrap());
        let session = Session::default_of(SessionSpec::of(world), Timestamp::UNIX_EPOCH);
        let mut state = session.lock();
        let [large, small] = state.crew(0).documents.clone().try_into().unwrap();
        assert!(state.has_to_generate(&large) && !state.has_to_generate(&small));
        state.content(&large).unwrap();
        assert!(!state.has_to_generate(&large));
        let (content, temporary) = (Content::Memory(b"new".as_slice().into()), None);
        let id =
            state.upload("c", &uploaded_over("large"), Upload { content, temporary }, Timestamp::UNIX_EPOCH).unwrap();
        let successor = state.crew(0).documents.last().unwrap().clone();
        assert!(*successor.id == *id && !state.has_to_generate(&successor));
    }

    fn uploaded_over(document: &str) -> UploadNote {
        UploadNote { supersedes: Some(document.to_owned()), ..UploadNote::default() }
    }
}
