//! The mutable state of a session: one struct behind one lock, owned by [`super::Session`].
//!
//! Everything that a request may count, match or change is here, so that it happens in one step
//! (invariant 7). Nothing here does I/O or reads the time; both are passed in.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use compact_str::CompactString;
use hashbrown::{HashMap, HashSet};
use http::HeaderValue;
use jiff::Timestamp;

use super::budget::{Budget, Charge};
use super::crew_lookup::CrewLookup;
use super::fleet::FleetViews;
use super::held::ChangedPart;
use super::limiter::Limiter;
use super::list_cache::ListCache;
use super::projections::Projections;
use super::request_ids::{RequestId, RequestIds};
use super::spec::SessionSpec;
use super::store::Store;
use super::used_links::{LinkSubject, UsedLinks};
use crate::clock::Clock;
use crate::cursor::Cursors;
use crate::fault::Faults;
use crate::journal::Log;
use crate::policy::Policies;
use crate::secret::ApiKey;
use crate::token::Epoch;
use crate::webhook::Outbox;
use crate::world::{Content, CrewMember, Key, Partner, Vessel, World};

/// The mutable state of a session.
#[derive(Debug)]
pub struct SessionState {
    /// The clock.
    pub clock: Clock,
    /// The policies.
    pub policies: Policies,
    /// The file store.
    pub store: Store,
    /// The fault rules.
    pub faults: Faults,
    /// The partners, with their present keys, scopes and plan.
    pub partners: Vec<Partner>,
    /// The day on which the clock started, from which relative dates count.
    pub first_day: i32,
    /// The seed of the session.
    pub(crate) seed: u64,
    /// The specification of the session, with its present world.
    pub(super) spec: Arc<SessionSpec>,
    pub(super) modified_crew: HashMap<u32, ModifiedCrew>,
    pub(super) modified_vessels: HashMap<u32, Vessel>,
    /// The number of changes so far. A list that was snapshot before a change is not cached after
    /// it.
    pub(super) change_count: u64,
    /// The number of changes of people since the world was loaded.
    pub(super) crew_version: u64,
    pub(super) fleet_views: FleetViews,
    /// The sealer of the session's cursors.
    pub(crate) cursors: Cursors,
    /// The number of worlds that were replaced so far: a cursor of before is a bad one.
    pub(crate) world_count: u32,
    pub(super) uploads: HashMap<CompactString, StoredUpload>,
    pub(super) limiter: Limiter,
    /// The present life of the session.
    pub(crate) epoch: Epoch,
    pub(crate) used_links: UsedLinks,
    pub(super) projections: Projections,
    /// The documents whose status was final at some time in this session.
    pub(super) processed: HashSet<CompactString>,
    /// The entity tags that were computed, by document id.
    pub(super) etags: HashMap<CompactString, HeaderValue>,
    next_link: u64,
    pub(super) request_ids: RequestIds,
    pub(super) next_upload: u64,
    pub(crate) journal: Log,
    /// The callbacks and the deliveries to them.
    pub(crate) outbox: Outbox,
    /// The lists of unmodified crew members; shared with the session.
    pub(super) list_cache: Arc<ArcSwap<ListCache>>,
    /// What all sessions of the run hold together.
    pub(super) budget: Arc<Budget>,
    /// The parts of people and vessels that were changed.
    pub(super) change_charges: HashMap<ChangedPart, Charge>,
}

/// A file that was uploaded through the control API.
#[derive(Debug)]
pub struct Upload {
    /// The bytes, in memory or in a temporary file without a name, which no killed process leaves.
    pub content: Content,
}

/// An upload with its part of the budget, which is given back when the upload is removed.
#[derive(Debug)]
pub(super) struct StoredUpload {
    pub(super) content: Content,
    pub(super) _charge: Charge,
}

/// A modified crew member, and the list serialized since.
#[derive(Debug)]
pub(super) struct ModifiedCrew {
    pub(super) person: CrewMember,
    pub(super) list: Option<Bytes>,
}

/// A life of a session: it begins with the session, and again with each reset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    /// The session's number, in the order of opening.
    pub(super) session: u64,
    /// The seed of the session.
    pub(super) seed: u64,
    /// The seed of the default session.
    pub(super) run_seed: u64,
    /// The epoch of its links.
    pub(super) epoch: Epoch,
}

impl SessionState {
    /// Creates the state for a specification and a clock.
    pub(super) fn new(
        spec: Arc<SessionSpec>,
        life: Life,
        partners: Vec<Partner>,
        clock: Clock,
        real: Timestamp,
    ) -> Self {
        let begun = clock.now(real);
        let first_day = day_of(begun);
        let list_cache =
            Arc::new(ArcSwap::from_pointee(ListCache::new(spec.world.crew.len(), first_day, Arc::default())));
        let outbox = Outbox::new(&spec.world.callbacks, life.seed, life.session, life.epoch.resets);
        let cursors = Cursors::new(spec.signer(), life.session);
        Self {
            clock,
            policies: spec.policies.clone(),
            store: Store::default(),
            faults: Faults::default(),
            partners,
            first_day,
            seed: life.seed,
            spec,
            modified_crew: HashMap::new(),
            modified_vessels: HashMap::new(),
            change_count: 0,
            crew_version: 0,
            fleet_views: FleetViews::default(),
            cursors,
            world_count: 0,
            uploads: HashMap::new(),
            limiter: Limiter::default(),
            epoch: life.epoch,
            used_links: UsedLinks::default(),
            projections: Projections::new(begun),
            processed: HashSet::new(),
            etags: HashMap::new(),
            next_link: 1,
            request_ids: RequestIds::new(life.run_seed, life.session, life.epoch.resets),
            next_upload: 1,
            journal: Log::default(),
            outbox,
            list_cache,
            budget: Arc::default(),
            change_charges: HashMap::new(),
        }
    }

    /// Replaces the world. Ids and serials are not reused, a spent link stays spent, and relative
    /// days count from the same day as before.
    pub(super) fn replace_world(&mut self, spec: SessionSpec, real: Timestamp) {
        let partners = spec.world.partners.clone();
        self.outbox.set_callbacks(&spec.world.callbacks);
        let life = Life { session: 0, seed: self.seed, run_seed: self.seed, epoch: self.epoch };
        let fresh_state = Self::new(Arc::new(spec), life, partners, self.clock.clone(), real);
        *self = Self {
            faults: std::mem::take(&mut self.faults),
            first_day: self.first_day,
            limiter: std::mem::take(&mut self.limiter),
            used_links: std::mem::take(&mut self.used_links),
            next_link: self.next_link,
            request_ids: self.request_ids.clone(),
            next_upload: self.next_upload,
            journal: std::mem::take(&mut self.journal),
            outbox: std::mem::take(&mut self.outbox),
            change_count: self.change_count,
            cursors: self.cursors.clone(),
            world_count: self.world_count.saturating_add(1),
            list_cache: Arc::clone(&self.list_cache),
            budget: Arc::clone(&self.budget),
            ..fresh_state
        };
        self.clear_list_cache();
    }

    /// Returns the world as it was loaded.
    pub fn world(&self) -> &Arc<World> {
        &self.spec.world
    }

    /// Returns the crew member at a position, in the present state.
    pub fn crew(&self, position: u32) -> &CrewMember {
        self.modified_crew
            .get(&position)
            .map_or_else(|| &self.spec.world.crew[position as usize], |changed| &changed.person)
    }

    /// Returns the position of a crew member by id.
    pub fn position(&self, id: &str) -> Option<u32> {
        self.spec.world.position(id)
    }

    /// Returns the position from a lookup before the lock. Looks it up again if the world was
    /// replaced since.
    pub(crate) fn resolve_position(&self, id: &str, found: Option<&CrewLookup>) -> Option<u32> {
        match found {
            Some(found) if self.is_lookup_current(found) => found.position,
            _ => self.position(id),
        }
    }

    /// Returns true if the lookup was done in the present world.
    pub(super) fn is_lookup_current(&self, found: &CrewLookup) -> bool {
        Arc::ptr_eq(&found.world, self.world())
    }

    /// Returns the crew member at a position for a change, and clears the cached list.
    pub fn crew_mut(&mut self, position: u32) -> &mut CrewMember {
        self.note_change(position);
        self.change_count += 1;
        self.crew_version += 1;
        let as_loaded = || ModifiedCrew { person: self.spec.world.crew[position as usize].clone(), list: None };
        let changed = self.modified_crew.entry(position).or_insert_with(as_loaded);
        changed.list = None;
        &mut changed.person
    }

    /// Returns the partner and the key with that text. A revoked key is found too.
    pub fn key(&self, text: &str) -> Option<(&Partner, &Key)> {
        let (partner, key) = self.key_position(text)?;
        let partner = &self.partners[partner];
        Some((partner, &partner.keys[key]))
    }

    /// Returns the positions of the partner and of its key with that text.
    pub(crate) fn key_position(&self, text: &str) -> Option<(usize, usize)> {
        let is_key = |key: &Key| key.text.as_ref().is_some_and(|key| key.reveal() == text);
        let mut partners = self.partners.iter().enumerate();
        partners.find_map(|(at, partner)| Some((at, partner.keys.iter().position(is_key)?)))
    }

    /// Returns a new request id (P).
    pub(crate) fn request_id(&mut self) -> RequestId {
        self.request_ids.next()
    }

    /// Returns the serial number of the next link. `subject`, what it is for, is asked for only if links were used once.
    pub(crate) fn next_serial(&mut self, subject: impl FnOnce() -> LinkSubject) -> u64 {
        let serial = self.used_links.next_free(self.epoch, self.next_link, subject);
        self.next_link = serial + 1;
        serial
    }

    /// Returns the text of the key with that name, or of the first key.
    pub fn key_named(&self, name: Option<&str>) -> Option<&ApiKey> {
        let mut keys = self.partners.iter().flat_map(|partner| &partner.keys);
        keys.find(|key| name.is_none_or(|name| *key.name == *name)).and_then(|key| key.text.as_ref())
    }

    /// Returns the partner with that id.
    pub fn partner_mut(&mut self, id: &str) -> Option<&mut Partner> {
        self.partners.iter_mut().find(|partner| *partner.id == *id)
    }

    /// Clears the list cache. Called when a policy changes.
    pub fn clear_list_cache(&mut self) {
        let day = self.list_cache.load().day;
        self.reset_list_cache(day);
    }

    /// Takes a token from the rate limiter. Returns the seconds to wait if there is none.
    pub(crate) fn take_rate_token(&mut self, caller: &str, now: Timestamp) -> Result<(), f64> {
        self.limiter.take_token(caller, now)
    }

    /// Runs `work` and restores the counters that the checks change.
    pub(crate) fn dry_run<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        // The checks count only in the limiter and in the store.
        let (limiter, store) = (self.limiter.clone(), self.store);
        let outcome = work(self);
        (self.limiter, self.store) = (limiter, store);
        outcome
    }

    /// Records a change made through the control API in the journal.
    pub(crate) fn record_change(&mut self, real: Timestamp, topic: &'static str, detail: serde_json::Value) {
        let now = self.clock.now(real);
        self.journal.change(now, topic, detail);
    }
}

/// Returns the days from 1970-01-01 to an instant, in UTC.
pub fn day_of(at: Timestamp) -> i32 {
    // Timestamps are within some four million days of the epoch.
    i32::try_from(at.as_second().div_euclid(86_400)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{LinkId, LinkUse, Session, UploadMetadata};
    use super::*;
    use crate::journal::Filter;
    use crate::world::Content;

    #[test]
    fn a_new_world_keeps_spent_links_and_counters() {
        let session = Session::new_default(SessionSpec::new(World::starter()), Timestamp::UNIX_EPOCH);
        let spent = LinkId { epoch: session.lock().epoch, serial: 6, subject: LinkSubject::default() };
        let mut ids = session.lock().request_ids.clone();
        {
            let mut state = session.lock();
            while state.limiter.take_token("prt_123 read", Timestamp::UNIX_EPOCH).is_ok() {}
            (state.next_link, state.next_upload) = (7, 9);
            state.used_links.reserve(spent, 900, Timestamp::UNIX_EPOCH);
            state.used_links.spend(spent);
            state.request_id();
            state.record_change(Timestamp::UNIX_EPOCH, "clock", ().into());
            state.crew_mut(0).name = Some("ModifiedCrew".into());
            state.faults = Faults::new(&["{then: {status: 503}}".parse().unwrap()], Timestamp::UNIX_EPOCH);
        }
        let other = "policies: {link_ttl: 60s}\ncrew: [{id: crew_001, documents: []}]";
        let other = Arc::new(World::parse(other, "other", None).unwrap());
        session.replace_world(Arc::clone(&other), Timestamp::from_second(3 * 86_400).unwrap());
        let mut state = session.lock();
        assert!(Arc::ptr_eq(state.world(), &other) && state.crew(0).name.is_none());
        state.limiter.take_token("prt_123 read", Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!((state.first_day, state.next_link, state.next_upload), (0, 7, 9));
        ids.next();
        assert_eq!((state.request_id(), state.epoch), (ids.next(), spent.epoch));
        assert_eq!((state.policies.link_ttl.seconds(), state.faults.is_empty()), (60, false));
        assert_eq!(state.used_links.get(spent), Some(LinkUse::Spent));
        let journal = state.journal.read(&Filter::default());
        let topics: Vec<_> = journal.entries.iter().filter_map(|entry| Some(entry.change()?.topic)).collect();
        assert_eq!(topics, ["clock", "world"]);
    }

    #[test]
    fn a_lookup_is_repeated_in_another_world() {
        let session = Session::new_default(SessionSpec::new(World::starter()), Timestamp::UNIX_EPOCH);
        let ids = ["crew_001", "crew_002", "nobody"];
        let found = ids.map(|id| session.resolve_crew(id, false));
        let positions = || {
            let state = session.lock();
            [0, 1, 2].map(|at| state.resolve_position(ids[at], Some(&found[at])))
        };
        assert_eq!(positions(), [Some(0), Some(1), None]);
        let other = "crew: [{id: nobody, documents: []}, {id: crew_001, documents: []}]";
        session.replace_world(Arc::new(World::parse(other, "other", None).unwrap()), Timestamp::UNIX_EPOCH);
        assert_eq!(positions(), [Some(1), None, Some(0)]);
    }

    #[test]
    fn a_file_must_be_generated_only_if_it_is_large_and_not_cached() {
        let world = r#"{"crew": [{"id": "c", "documents": [
            {"id": "large", "type": "t", "title": "t", "verification_status": "verified",
             "file": {"generate": "bytes", "size": 2000000}},
            {"id": "small", "type": "t", "title": "t", "verification_status": "verified",
             "file": {"generate": "bytes", "size": 2000}}]}]}"#;
        let world = Arc::new(World::parse(world, "made", None).unwrap());
        let session = Session::new_default(SessionSpec::new(world), Timestamp::UNIX_EPOCH);
        let mut state = session.lock();
        let [large, small] = state.crew(0).documents.clone().try_into().unwrap();
        assert!(state.must_generate(&large) && !state.must_generate(&small));
        state.content(&large).unwrap();
        assert!(!state.must_generate(&large));
        let content = Content::Memory(b"new".as_slice().into());
        let id = state.upload("c", &uploaded_over("large"), Upload { content }, Timestamp::UNIX_EPOCH).unwrap();
        let successor = state.crew(0).documents.last().unwrap().clone();
        assert!(*successor.id == *id && !state.must_generate(&successor));
    }

    fn uploaded_over(document: &str) -> UploadMetadata {
        UploadMetadata { supersedes: Some(document.to_owned()), ..UploadMetadata::default() }
    }
}
