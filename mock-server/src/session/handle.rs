//! One session: what never changes of it, and the lock around what does.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::crew_lookup::CrewLookup;
use super::list_cache::ListCache;
use super::spec::SessionSpec;
use super::state::SessionState;
use crate::fault::Faults;
use crate::journal::{Exchange, Filter, Journal, Log};
use crate::request::Step;
use crate::secret::ApiKey;
use crate::split_mix64::split_mix64;
use crate::token::Signer;
use crate::world::{Partner, World};

/// The id of the session that a run begins with.
pub(super) const DEFAULT_SESSION: &str = "default";

/// A session.
pub struct Session {
    /// Its id, which its tokens carry.
    pub id: Box<str>,
    /// Signs its links.
    pub signer: Signer,
    seed: u64,
    state: Mutex<SessionState>,
    /// The world of the live state, for what needs no lock; set behind it.
    world: ArcSwap<World>,
    /// The same of the lists that were written.
    list_cache: Arc<ArcSwap<ListCache>>,
    /// The second of real time at which it was used last.
    used: AtomicI64,
}

impl Session {
    /// The session that a run begins with: it has the keys that its world states.
    pub fn default_of(spec: SessionSpec, real: Timestamp) -> Self {
        let partners = spec.world.partners.clone();
        Self::begin(DEFAULT_SESSION.into(), spec, partners, real)
    }

    /// A further session: its keys have the world's names and texts of their own, so that the key picks the session.
    pub fn further(id: &str, spec: SessionSpec, real: Timestamp) -> Self {
        let mut partners = spec.world.partners.clone();
        let seed = spec.seed();
        let salt = spec.key_salt.as_deref().map(|salt| format!("{salt} ")).unwrap_or_default();
        for key in partners.iter_mut().flat_map(|partner| &mut partner.keys) {
            let mode = key.key.as_ref().and_then(ApiKey::mode).unwrap_or(spec.world.mode);
            key.key = Some(ApiKey::derive(seed, &format!("{salt}{id} {}", key.name), mode));
        }
        Self::begin(id.into(), spec, partners, real)
    }

    fn begin(id: Box<str>, spec: SessionSpec, partners: Vec<Partner>, real: Timestamp) -> Self {
        let (seed, spec) = (spec.seed(), Arc::new(spec));
        let signer = spec.signer();
        let mut state = begun(&spec, seed, partners, real);
        state.journal = Log::new(state.spec.journal);
        let used = AtomicI64::new(real.as_second());
        let world = ArcSwap::new(Arc::clone(state.world()));
        let list_cache = Arc::clone(&state.list_cache);
        Self { id, signer, seed, state: Mutex::new(state), world, list_cache, used }
    }

    /// Its world as it was loaded.
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Whether its world has generated files that take long to make.
    pub(crate) fn has_large_files(&self) -> bool {
        self.world.load().has_large_files
    }

    /// Looks for a crew member by id, and for the list where it is asked for. In a large world that takes a while, so it
    /// is done before anybody has to wait for it; the live state tells whether it holds.
    pub(crate) fn find(&self, id: &str, step: Step) -> CrewLookup {
        let (world, list_cache) = (self.world.load(), self.list_cache.load());
        let position = world.position(id);
        let list = position.filter(|_| step == Step::List).and_then(|position| list_cache.read(position));
        CrewLookup { world, position, list_cache, list: RefCell::new(list) }
    }

    /// The live state, for as long as the guard lives; never held across an await.
    pub fn lock(&self) -> MutexGuard<'_, SessionState> {
        // A panic elsewhere leaves counters at worst one short; the session goes on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was not used for so long; the default session never idles.
    pub(super) fn is_idle(&self, limit: Duration, real: Timestamp) -> bool {
        let unused = real.as_second().saturating_sub(self.used.load(Ordering::Relaxed));
        *self.id != *DEFAULT_SESSION && u64::try_from(unused).is_ok_and(|unused| unused >= limit.as_secs().max(1))
    }

    /// Notes that it is used.
    pub(super) fn touch(&self, real: Timestamp) {
        self.used.store(real.as_second(), Ordering::Relaxed);
    }

    /// What the journal holds that fits a filter.
    pub fn journal(&self, filter: &Filter) -> Journal {
        self.lock().journal.read(filter)
    }

    /// Every exchange of the journal that is over, in the order in which they were decided.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.journal(&Filter::default()).into_exchanges().collect()
    }

    /// Sends everybody away who waits for more of its journal.
    pub(crate) fn end(&self) {
        self.lock().journal.end();
    }

    /// Puts everything back to how the session began: clock, store, documents, policies, faults, counters. Keys and
    /// the journal stay.
    pub fn reset(&self, real: Timestamp) {
        let mut state = self.lock();
        let mut partners = state.spec.world.partners.clone();
        let texts = state.partners.iter().flat_map(|partner| partner.keys.iter().map(|key| key.key.clone()));
        partners.iter_mut().flat_map(|partner| &mut partner.keys).zip(texts).for_each(|(key, text)| key.key = text);
        let (journal, changes) = (std::mem::take(&mut state.journal), state.changes);
        *state = begun(&state.spec, self.seed, partners, real);
        (state.journal, state.changes, state.list_cache) = (journal, changes, Arc::clone(&self.list_cache));
        state.forget_lists();
        state.note(real, "reset", serde_json::json!({"reset": true}));
    }

    /// Takes another world, whole and at once, with the keys that it states. Its clock, faults, journal, counters and
    /// what was spent stay; what was changed about the old world goes with it.
    pub(super) fn replace_world(&self, world: Arc<World>, real: Timestamp) {
        let mut state = self.lock();
        let spec = state.spec.with_world(world);
        state.replace(spec, real);
        self.world.store(Arc::clone(state.world()));
        let (name, crew) = (state.world().name.clone(), state.world().crew.len());
        state.note(real, "world", serde_json::json!({"name": name, "crew": crew}));
    }

    /// A request id of its own for a response: it looks random and is the same for the same seed and count (P).
    pub(crate) fn request_id(&self, state: &mut SessionState) -> RequestId {
        let count = state.next_request;
        state.next_request += 1;
        RequestId(split_mix64(self.seed ^ 0x9e37_79b9_7f4a_7c15 ^ split_mix64(count)))
    }
}

/// The live state that a session begins with.
fn begun(spec: &Arc<SessionSpec>, seed: u64, partners: Vec<Partner>, real: Timestamp) -> SessionState {
    let clock = spec.clock(real);
    let faults = Faults::new(&spec.faults, clock.now(real));
    let mut state = SessionState::begin(Arc::clone(spec), seed, partners, clock, real);
    state.faults = faults;
    state
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The id of a response: `req_` and sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

impl RequestId {
    /// The text, as bytes for a header.
    pub(crate) fn text(self) -> [u8; 20] {
        let mut text = *b"req_0000000000000000";
        for (at, digit) in text[4..].iter_mut().enumerate() {
            let nibble = (self.0 >> (60 - 4 * at)) & 0xf;
            *digit = b"0123456789abcdef"[usize::try_from(nibble).unwrap_or_default()];
        }
        text
    }
}
