//! The specification of a new session.

use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::journal;
use crate::policy::Policies;
use crate::token::Signer;
use crate::world::World;

/// The specification of a new session.
#[derive(Clone, Debug)]
pub struct SessionSpec {
    /// The world.
    pub world: Arc<World>,
    /// The seed, if not the world's.
    pub seed: Option<u64>,
    /// The policies.
    pub policies: Policies,
    /// The policies, by name and value, that stay set when the world is replaced.
    pub settings: Vec<(Box<str>, Box<str>)>,
    /// The time at which the clock is frozen; with `None` it starts at the world's time, else at
    /// the real time.
    pub frozen_at: Option<Timestamp>,
    /// The fault rules, in the order in which they are tried. Each has a unique name or none.
    pub faults: Vec<Fault>,
    /// The secret that signs links. Replicas with the same secret accept each other's links.
    pub signing_secret: Option<Arc<str>>,
    /// The number of entries that the journal keeps; with 0 it is off.
    pub journal: usize,
    /// A salt for the derived keys of additional sessions. Runs that must not share keys have
    /// different ones.
    pub key_salt: Option<Arc<str>>,
}

impl SessionSpec {
    /// Creates a specification with the world's policies, seed and clock.
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

    /// Returns the seed of the session.
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(self.world.seed)
    }

    /// Returns the specification with another world. Its policies apply, except for those in
    /// `settings`.
    pub(super) fn with_world(&self, world: Arc<World>) -> Self {
        let policies = world.policies.clone();
        Self { world, policies, ..self.clone() }.with_settings(self.settings.clone())
    }

    /// Returns the specification with these policies, by name and value, which stay set when the world is replaced.
    /// Each was checked when it was read.
    pub(crate) fn with_settings(mut self, settings: Vec<(Box<str>, Box<str>)>) -> Self {
        for (name, value) in &settings {
            let _ = self.policies.set(name, value);
        }
        Self { settings, ..self }
    }

    /// Creates the clock of the session.
    pub(super) fn clock(&self, real: Timestamp) -> Clock {
        if let Some(at) = self.frozen_at {
            return Clock::frozen(at.max(Timestamp::UNIX_EPOCH));
        }
        let mut clock = Clock::real();
        if let Some(start) = self.world.clock {
            // The loader accepts only instants within the calendar.
            let _ = clock.set(start, real);
        }
        clock
    }

    /// Creates the signer of the session's links.
    pub(super) fn signer(&self) -> Signer {
        match &self.signing_secret {
            Some(secret) => Signer::new(secret.as_bytes()),
            None => Signer::new(format!("crewpass-mock links, seed {}", self.seed()).as_bytes()),
        }
    }
}
