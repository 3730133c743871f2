//! One session: what never changes of it, and the lock around what does.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use bytes::Bytes;
use jiff::Timestamp;

use super::board::Board;
use super::live::Live;
use crate::ask::Step;
use crate::clock::Clock;
use crate::fault::{Fault, Faults};
use crate::journal::{self, Exchange, Filter, Journal, Log};
use crate::policy::Policies;
use crate::scramble::scramble;
use crate::secret::ApiKey;
use crate::token::Signer;
use crate::world::{Partner, World};

/// The id of the session that a run begins with.
pub(super) const DEFAULT_SESSION: &str = "default";

/// How a session begins.
#[derive(Clone, Debug)]
pub struct SessionSpec {
    /// Its world.
    pub world: Arc<World>,
    /// Its seed, if not the world's.
    pub seed: Option<u64>,
    /// Its policies.
    pub policies: Policies,
    /// Those of them, by name, that hold whatever a later world of this session says.
    pub settings: Vec<(Box<str>, Box<str>)>,
    /// Where its clock starts and stands still; `None` is the world's start, else the real time.
    pub frozen_at: Option<Timestamp>,
    /// The rules that make its answers fail, in the order in which they are tried; each has a name of its own or none.
    pub faults: Vec<Fault>,
    /// What its links are signed with; replicas that share it honour each other's links.
    pub signing_secret: Option<Arc<str>>,
    /// How many entries its journal keeps; with 0 it is off.
    pub journal: usize,
    /// What the keys of a further session are made from besides; runs that shall not share keys have one of their own.
    pub key_salt: Option<Arc<str>>,
}

impl SessionSpec {
    /// A world with its own policies, seed and clock.
    pub fn of(world: Arc<World>) -> Self {
        Self {
            policies: world.policies.clone(),
            world,
            seed: None,
            settings: Vec::new(),
            frozen_at: None,
            faults: Vec::new(),
            signing_secret: None,
            journal: journal::CAPACITY,
            key_salt: None,
        }
    }

    fn seed(&self) -> u64 {
        self.seed.unwrap_or(self.world.seed)
    }

    /// The same with another world, whose policies hold but for those that were set.
    fn with_world(&self, world: Arc<World>) -> Self {
        let mut policies = world.policies.clone();
        for (name, value) in &self.settings {
            // They were set once before, when the session began.
            let _ = policies.set(name, value);
        }
        Self { world, policies, ..self.clone() }
    }

    fn clock(&self, real: Timestamp) -> Clock {
        if let Some(at) = self.frozen_at {
            return Clock::frozen(at);
        }
        let mut clock = Clock::real();
        if let Some(start) = self.world.clock {
            // The loader let only instants pass that the calendar holds.
            let _ = clock.set(start, real);
        }
        clock
    }

    fn begin(self: &Arc<Self>, seed: u64, partners: Vec<Partner>, real: Timestamp) -> Live {
        let clock = self.clock(real);
        let faults = Faults::begin(&self.faults, clock.now(real));
        let mut live = Live::begin(Arc::clone(self), seed, partners, clock, real);
        live.faults = faults;
        live
    }

    fn signer(&self) -> Signer {
        match &self.signing_secret {
            Some(secret) => Signer::new(secret.as_bytes()),
            None => Signer::new(format!("crewpass-mock links, seed {}", self.seed()).as_bytes()),
        }
    }
}

/// A session.
pub struct Session {
    /// Its id, which its tokens carry.
    pub id: Box<str>,
    /// Signs its links.
    pub signer: Signer,
    seed: u64,
    live: Mutex<Live>,
    /// The world of the live state, for what needs no lock; set behind it.
    world: ArcSwap<World>,
    /// The same of the lists that were written.
    board: Arc<ArcSwap<Board>>,
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
        let mut live = spec.begin(seed, partners, real);
        live.journal = Log::new(live.spec.journal);
        let used = AtomicI64::new(real.as_second());
        let world = ArcSwap::new(Arc::clone(live.world()));
        let board = Arc::clone(&live.board);
        Self { id, signer, seed, live: Mutex::new(live), world, board, used }
    }

    /// Its world as it was loaded.
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Whether its world has generated files that take long to make.
    pub(crate) fn makes_large(&self) -> bool {
        self.world.load().makes_large
    }

    /// Looks for a crew member by id, and for the list where it is asked for. In a large world that takes a while, so it
    /// is done before anybody has to wait for it; the live state tells whether it holds.
    pub(crate) fn find(&self, id: &str, step: Step) -> Whereabouts {
        let (world, board) = (self.world.load(), self.board.load());
        let position = world.position(id);
        let list = position.filter(|_| step == Step::List).and_then(|position| board.read(position));
        Whereabouts { world, position, board, list: RefCell::new(list) }
    }

    /// The live state, for as long as the guard lives; never held across an await.
    pub fn live(&self) -> MutexGuard<'_, Live> {
        // A panic elsewhere leaves counters at worst one short; the session goes on.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.live().journal.read(filter)
    }

    /// Every exchange of the journal that is over, in the order in which they were decided.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.journal(&Filter::default()).into_exchanges().collect()
    }

    /// Sends everybody away who waits for more of its journal.
    pub(crate) fn end(&self) {
        self.live().journal.end();
    }

    /// Puts everything back to how the session began: clock, store, documents, policies, faults, counters. Keys and
    /// the journal stay.
    pub fn reset(&self, real: Timestamp) {
        let mut live = self.live();
        let mut partners = live.spec.world.partners.clone();
        let texts = live.partners.iter().flat_map(|partner| partner.keys.iter().map(|key| key.key.clone()));
        partners.iter_mut().flat_map(|partner| &mut partner.keys).zip(texts).for_each(|(key, text)| key.key = text);
        let (journal, changes) = (std::mem::take(&mut live.journal), live.changes);
        *live = live.spec.begin(self.seed, partners, real);
        (live.journal, live.changes, live.board) = (journal, changes, Arc::clone(&self.board));
        live.forget_lists();
        live.note(real, "reset", serde_json::json!({"reset": true}));
    }

    /// Takes another world, whole and at once, with the keys that it states. Its clock, faults, journal, counters and
    /// what was spent stay; what was changed about the old world goes with it.
    pub(super) fn replace_world(&self, world: Arc<World>, real: Timestamp) {
        let mut live = self.live();
        let spec = live.spec.with_world(world);
        live.replace(spec, real);
        self.world.store(Arc::clone(live.world()));
        let (name, crew) = (live.world().name.clone(), live.world().crew.len());
        live.note(real, "world", serde_json::json!({"name": name, "crew": crew}));
    }

    /// A request id of its own for a response: it looks random and is the same for the same seed and count (P).
    pub(crate) fn request_id(&self, live: &mut Live) -> RequestId {
        let count = live.next_request;
        live.next_request += 1;
        RequestId(scramble(self.seed ^ 0x9e37_79b9_7f4a_7c15 ^ scramble(count)))
    }
}

/// Where a crew member is in the world that a session had a moment ago.
#[derive(Debug)]
pub(crate) struct Whereabouts {
    pub(super) world: Guard<Arc<World>>,
    pub(super) position: Option<u32>,
    pub(super) board: Guard<Arc<Board>>,
    /// The list, as it was put up; taken by who gives it out.
    pub(super) list: RefCell<Option<Bytes>>,
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
