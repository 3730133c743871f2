//! What all requests of a run share.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::request::Origins;
use crate::session::Sessions;
use crate::world::WorldError;

/// What all requests of a run share.
#[derive(Debug)]
pub(crate) struct App {
    /// The sessions.
    pub sessions: Sessions,
    /// Where links point.
    pub origins: Origins,
    /// How control requests are let in.
    pub control_access: ControlAccess,
    /// What links of further sessions are signed with, too.
    pub signing_secret: Option<Arc<str>>,
    /// When the server started, from which the journal counts real time.
    pub epoch: Instant,
    /// How many entries the journals of further sessions keep, unless loads.
    pub journal: usize,
    /// Whether a refusal names the clause that decided, in a header.
    pub explain_header: bool,
    /// How many control requests there were.
    pub controls: AtomicU64,
    /// How the served world came in.
    pub loads: WorldLoads,
}

/// How often the served world was taken, and why the one on disk was not.
#[derive(Debug)]
pub(crate) struct WorldLoads(Mutex<(u64, Option<String>)>);

impl Default for WorldLoads {
    fn default() -> Self {
        Self(Mutex::new((1, None)))
    }
}

impl WorldLoads {
    /// The world on disk is the one that is served.
    pub(crate) fn record_success(&self) {
        let mut loads = self.lock();
        *loads = (loads.0 + 1, None);
    }

    /// The world on disk is wrong.
    pub(crate) fn record_failure(&self, error: &WorldError) {
        self.lock().1 = Some(error.to_string());
    }

    /// How often one was taken, and what is wrong with the one on disk.
    pub(crate) fn read(&self) -> (u64, Option<String>) {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Option<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How control requests are let in.
#[derive(Clone, Default)]
pub struct ControlAccess {
    /// Lets a caller in from anywhere, as `Authorization: Bearer`; without one only loopback is let in.
    pub token: Option<Box<str>>,
}

impl fmt::Debug for ControlAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlAccess").field("token", &self.token.as_ref().map(|_| "…")).finish()
    }
}
