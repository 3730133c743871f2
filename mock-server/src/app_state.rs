//! The context that all requests of a run share.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::http::Traffic;
#[cfg(feature = "cli")]
use crate::metrics::Metrics;
use crate::origin::Origins;
use crate::request_log::LogSender;
use crate::session::Sessions;
use crate::webhook::AllowedTargets;
use crate::world::WorldError;

/// The context that all requests of a run share.
#[derive(Debug)]
pub(crate) struct AppState {
    /// The sessions.
    pub sessions: Sessions,
    /// The origins of download links.
    pub origins: Origins,
    /// The access rule of the control API.
    pub control_access: ControlAccess,
    /// The secret that signs links of additional sessions too.
    pub signing_secret: Option<Arc<str>>,
    /// The start of the server, from which the journal counts real time.
    pub epoch: Instant,
    /// The default journal size of additional sessions, in entries.
    pub journal: usize,
    /// The policies of the server, by name and value, with which additional sessions begin too.
    pub settings: Vec<(Box<str>, Box<str>)>,
    /// The time until the first byte of a request's body, and how far the body may fall behind the least rate.
    pub body_timeout: Duration,
    /// Is true if refusals name the deciding clause in a header.
    pub explain_header: bool,
    /// The number of control requests.
    pub controls: AtomicU64,
    /// The loads of the served world.
    pub loads: WorldLoads,
    /// The log that gets a line for each request.
    pub request_log: Option<LogSender>,
    /// The metrics, if they are wanted.
    #[cfg(feature = "cli")]
    pub metrics: Option<Metrics>,
    /// The connections of the main listener.
    pub traffic: Arc<Traffic>,
    /// The addresses that webhooks may go to.
    pub callback_targets: Arc<AllowedTargets>,
}

impl AppState {
    /// Returns true if requests are logged or counted.
    pub(crate) fn observes(&self) -> bool {
        #[cfg(feature = "cli")]
        if self.metrics.is_some() {
            return true;
        }
        self.request_log.is_some()
    }
}

/// The number of successful loads of the world, and the error of the last load if it failed.
#[derive(Debug)]
pub(crate) struct WorldLoads(Mutex<(u64, Option<String>)>);

impl Default for WorldLoads {
    fn default() -> Self {
        Self(Mutex::new((1, None)))
    }
}

impl WorldLoads {
    /// Records a successful load.
    pub(crate) fn record_success(&self) {
        let mut loads = self.lock();
        *loads = (loads.0 + 1, None);
    }

    /// Records a failed load; the previous world remains in use.
    pub(crate) fn record_failure(&self, error: &WorldError) {
        self.lock().1 = Some(error.to_string());
    }

    /// Returns the number of successful loads, and the error of the world on disk.
    pub(crate) fn read(&self) -> (u64, Option<String>) {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Option<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The access rule of the control API.
#[derive(Clone, Default)]
pub struct ControlAccess {
    /// The token that every caller has to send, as `Authorization: Bearer`; an empty one admits
    /// nobody. Without a token, only loopback is admitted.
    pub token: Option<Box<str>>,
}

impl fmt::Debug for ControlAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlAccess").field("token", &self.token.as_ref().map(|_| "…")).finish()
    }
}
