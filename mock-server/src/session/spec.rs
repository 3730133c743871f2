//! How a session begins.

use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::journal;
use crate::policy::Policies;
use crate::token::Signer;
use crate::world::World;

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
    pub fn new(world: Arc<World>) -> Self {
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

    /// The seed of the session.
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(self.world.seed)
    }

    /// The same with another world, whose policies hold but for those that were set.
    pub(super) fn with_world(&self, world: Arc<World>) -> Self {
        let mut policies = world.policies.clone();
        for (name, value) in &self.settings {
            // They were set once before, when the session began.
            let _ = policies.set(name, value);
        }
        Self { world, policies, ..self.clone() }
    }

    /// Its clock, as it starts.
    pub(super) fn clock(&self, real: Timestamp) -> Clock {
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

    /// What signs its links.
    pub(super) fn signer(&self) -> Signer {
        match &self.signing_secret {
            Some(secret) => Signer::new(secret.as_bytes()),
            None => Signer::new(format!("crewpass-mock links, seed {}", self.seed()).as_bytes()),
        }
    }
}
