//! A session: its constant parts, and the lock around its state.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::budget::{Budget, Charge};
use super::crew_lookup::CrewLookup;
use super::list_cache::ListCache;
use super::spec::SessionSpec;
use super::state::{Life, SessionState};
use crate::fault::Faults;
use crate::journal::{Exchange, Filter, Journal, Log};
use crate::secret::ApiKey;
use crate::token::{Epoch, Signer};
use crate::world::{Partner, World};

/// The id of the default session.
pub(super) const DEFAULT_SESSION: &str = "default";

/// A session.
pub struct Session {
    /// The session's id, which its tokens contain.
    pub(crate) id: Box<str>,
    /// The signer of the session's links.
    pub(crate) signer: Signer,
    /// The number in the order of opening; 0 for the default session.
    number: u64,
    seed: u64,
    /// The seed of the default session.
    run_seed: u64,
    state: Mutex<SessionState>,
    /// The world of the state, for readers without the lock; stored under the lock.
    world: ArcSwap<World>,
    /// The list cache of the state, for readers without the lock.
    list_cache: Arc<ArcSwap<ListCache>>,
    /// The second of real time of the last use.
    last_used: AtomicI64,
    /// The part of its own world in the budget.
    _charge: Option<Charge>,
}

impl Session {
    /// Creates the default session, with the keys of its world.
    pub fn new_default(spec: SessionSpec, real: Timestamp) -> Self {
        Self::new_default_within(spec, real, Arc::default())
    }

    /// Creates the default session, which shares a budget with others.
    pub(super) fn new_default_within(spec: SessionSpec, real: Timestamp, budget: Arc<Budget>) -> Self {
        let (partners, run_seed) = (spec.world.partners.clone(), spec.seed());
        Self::new((DEFAULT_SESSION.into(), 0, run_seed), spec, partners, real, budget, None)
    }

    /// Creates an additional session. Its keys have the world's names and derived texts, so that
    /// the key selects the session. `run_seed` is the seed of the default session.
    pub(super) fn new_additional(
        (number, run_seed): (u64, u64),
        spec: SessionSpec,
        real: Timestamp,
        budget: Arc<Budget>,
        charge: Charge,
    ) -> Self {
        let id = format!("ses_{number}");
        let mut partners = spec.world.partners.clone();
        let seed = spec.seed();
        let salt = spec.key_salt.as_deref().map(|salt| format!("{salt} ")).unwrap_or_default();
        for key in partners.iter_mut().flat_map(|partner| &mut partner.keys) {
            let mode = key.text.as_ref().and_then(ApiKey::mode).unwrap_or(spec.world.mode);
            key.text = Some(ApiKey::derive(seed, &format!("{salt}{id} {}", key.name), mode));
        }
        Self::new((id.into(), number, run_seed), spec, partners, real, budget, Some(charge))
    }

    fn new(
        (id, number, run_seed): (Box<str>, u64, u64),
        spec: SessionSpec,
        partners: Vec<Partner>,
        real: Timestamp,
        budget: Arc<Budget>,
        charge: Option<Charge>,
    ) -> Self {
        let (seed, spec) = (spec.seed(), Arc::new(spec));
        let signer = spec.signer();
        // With a frozen clock, two runs give the same tokens; otherwise two processes must not.
        let start = if spec.clock(real).is_frozen() { 0 } else { real.as_nanosecond() };
        let epoch = Epoch { origin: u64::try_from(start).unwrap_or_default(), resets: 0 };
        let mut state = initial_state(&spec, Life { session: number, seed, run_seed, epoch }, partners, real);
        state.journal = Log::new(state.spec.journal, Arc::clone(&budget));
        state.budget = budget;
        state.clear_list_cache();
        let last_used = AtomicI64::new(real.as_second());
        let world = ArcSwap::new(Arc::clone(state.world()));
        let list_cache = Arc::clone(&state.list_cache);
        let state = Mutex::new(state);
        Self { id, signer, number, seed, run_seed, state, world, list_cache, last_used, _charge: charge }
    }

    /// Returns the seed of the default session.
    pub(super) const fn run_seed(&self) -> u64 {
        self.run_seed
    }

    /// Returns the world as it was loaded.
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Returns true if the world has files that take long to generate.
    pub(crate) fn generates_large_files(&self) -> bool {
        self.world.load().has_large_files
    }

    /// Looks up a crew member by id and, if `with_list`, the cached list. In a large world this
    /// takes a while, so it runs before the lock; the state checks later whether the result is
    /// current.
    pub(crate) fn resolve_crew(&self, id: &str, with_list: bool) -> CrewLookup {
        let (world, list_cache) = (self.world.load(), self.list_cache.load());
        let position = world.position(id);
        let list = position.filter(|_| with_list).and_then(|position| list_cache.read(position));
        CrewLookup { world, position, list_cache, list: RefCell::new(list) }
    }

    /// Locks the state. Never hold the guard across an await.
    #[cfg(feature = "internals")]
    #[doc(hidden)]
    pub fn lock(&self) -> MutexGuard<'_, SessionState> {
        self.lock_state()
    }

    /// Locks the state. Never hold the guard across an await.
    #[cfg(not(feature = "internals"))]
    pub(crate) fn lock(&self) -> MutexGuard<'_, SessionState> {
        self.lock_state()
    }

    fn lock_state(&self) -> MutexGuard<'_, SessionState> {
        // A panic elsewhere leaves counters at most one short, so the session goes on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if the session was not used for `limit`. The default session is never idle.
    pub(super) fn is_idle(&self, limit: Duration, real: Timestamp) -> bool {
        let unused = real.as_second().saturating_sub(self.last_used.load(Ordering::Relaxed));
        *self.id != *DEFAULT_SESSION && u64::try_from(unused).is_ok_and(|unused| unused >= limit.as_secs().max(1))
    }

    /// Records a use.
    pub(super) fn touch(&self, real: Timestamp) {
        self.last_used.store(real.as_second(), Ordering::Relaxed);
    }

    /// Returns the journal entries that match a filter.
    pub fn journal(&self, filter: &Filter) -> Journal {
        self.lock().journal.read(filter)
    }

    /// Returns every finished exchange of the journal, in the order of the decisions.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.journal(&Filter::default()).into_exchanges().collect()
    }

    /// Wakes and ends all journal waiters.
    pub(crate) fn close_journal(&self) {
        self.lock().journal.close();
    }

    /// Resets the session to its initial state: clock, store, documents, policies, faults,
    /// counters. Keys and the journal stay. Links of before are dead.
    pub fn reset(&self, real: Timestamp) {
        let mut state = self.lock();
        // Derived keys are not in the world, so the present texts are carried over.
        let mut partners = state.spec.world.partners.clone();
        let texts = state.partners.iter().flat_map(|partner| partner.keys.iter().map(|key| key.text.clone()));
        partners.iter_mut().flat_map(|partner| &mut partner.keys).zip(texts).for_each(|(key, text)| key.text = text);
        let (journal, change_count) = (std::mem::take(&mut state.journal), state.change_count);
        let waker = state.outbox.waker();
        let epoch = Epoch { resets: state.epoch.resets.saturating_add(1), ..state.epoch };
        let life = Life { session: self.number, seed: self.seed, run_seed: self.run_seed, epoch };
        let budget = Arc::clone(&state.budget);
        *state = initial_state(&state.spec, life, partners, real);
        // The cache handle and the change count outlive a reset: a list written before it must not
        // be kept.
        (state.journal, state.change_count, state.list_cache) = (journal, change_count, Arc::clone(&self.list_cache));
        state.budget = budget;
        state.outbox.set_waker(waker);
        state.clear_list_cache();
        state.record_change(real, "reset", serde_json::json!({"reset": true}));
    }

    /// Replaces the world and its keys atomically. Clock, faults, journal,
    /// counters and spent links stay; changes to the old world are lost.
    pub(super) fn replace_world(&self, world: Arc<World>, real: Timestamp) {
        let mut state = self.lock();
        let spec = state.spec.with_world(world);
        state.replace_world(spec, real);
        self.world.store(Arc::clone(state.world()));
        let (name, crew) = (state.world().name.clone(), state.world().crew.len());
        state.record_change(real, "world", serde_json::json!({"name": name, "crew": crew}));
    }
}

/// Creates the initial state of a session.
fn initial_state(spec: &Arc<SessionSpec>, life: Life, partners: Vec<Partner>, real: Timestamp) -> SessionState {
    let clock = spec.clock(real);
    let faults = Faults::new(&spec.faults, clock.now(real));
    let mut state = SessionState::new(Arc::clone(spec), life, partners, clock, real);
    state.faults = faults;
    state
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}
