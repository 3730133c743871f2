//! What all requests of a run share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use crate::ask::Origins;
use crate::session::Sessions;

/// What all requests of a run share.
#[derive(Debug)]
pub(crate) struct App {
    /// The sessions.
    pub sessions: Sessions,
    /// Where links point.
    pub origins: Origins,
    /// How control requests are let in.
    pub gate: Gate,
    /// What links of further sessions are signed with, too.
    pub signing_secret: Option<Arc<str>>,
    /// When the server started, from which the journal counts real time.
    pub epoch: Instant,
    /// How many entries the journals of further sessions keep, unless told.
    pub journal: usize,
    /// Whether a refusal names the clause that decided, in a header.
    pub explain_header: bool,
    /// How many control requests there were.
    pub controls: AtomicU64,
}

/// How control requests are let in.
#[derive(Clone, Default)]
pub struct Gate {
    /// Lets a caller in from anywhere, as `Authorization: Bearer`; without one only loopback is let in.
    pub token: Option<Box<str>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("token", &self.token.as_ref().map(|_| "…")).finish()
    }
}
