//! The fake as a value: for `main`, and for Rust tests that embed it.

mod builder;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::app_state::AppState;
use crate::clock::OutOfRange;
use crate::endpoint::Routes;
use crate::fault::{FaultReport, NotConsumed};
use crate::http::{Limits, ServeOutcome, Traffic};
use crate::journal::{Filter, Journal};
use crate::listener::{BindError, ListenOptions, Listener};
use crate::session::{Session, SessionSpec, TooManySessions};
use crate::world::{World, WorldError};

pub use builder::{Builder, SESSION_IDLE};

/// A running fake. It listens when this exists, and stops when this is dropped.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use crewpass_mock::MockServer;
///
/// # rustls::crypto::ring::default_provider().install_default().unwrap();
/// let fake = MockServer::builder().start().await?;
/// let list = format!("{}/api/v2/employers/me/crew/crew_001/documents", fake.base());
/// let answer = reqwest::Client::new().get(list).bearer_auth(fake.key().unwrap()).send().await?;
/// assert_eq!(answer.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "the fake stops when this is dropped"]
pub struct MockServer {
    app: Arc<AppState>,
    routes: Routes,
    limits: Limits,
    main: Listener,
    verify_on_drop: bool,
}

impl MockServer {
    /// Returns the settings of a fake that serves the starter world on a free port of 127.0.0.1, with the real time.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Returns the base URL that clients use, without a slash at its end.
    pub fn base(&self) -> String {
        self.main.base()
    }

    /// Returns true if links are on the Host that a request names, whatever it is.
    #[cfg(feature = "cli")]
    pub(crate) fn uses_any_host(&self) -> bool {
        let origins = &self.app.origins;
        let is_on_loopback = self.address().ip().to_canonical().is_loopback();
        origins.public_url.is_none() && (origins.trust_forwarded || !is_on_loopback)
    }

    /// Returns the address that it listens on, with the port that the system chose for port 0.
    pub const fn address(&self) -> SocketAddr {
        self.main.address()
    }

    /// Listens on a further address until the listener is dropped. The address of a connection in the journal tells
    /// which listener took it.
    ///
    /// # Errors
    /// An address that can't be bound.
    pub async fn listen(&self, address: SocketAddr, options: ListenOptions) -> Result<Listener, BindError> {
        let (limits, routes) = (self.limits.clone(), self.routes.clone());
        let listener = Listener::open(address, options, limits, routes, Arc::default()).await?;
        self.app.callback_targets.add_own_port(listener.address().port());
        Ok(listener)
    }

    /// Returns the first key of the world, which in the starter world has every scope; `None` if the world has no key.
    pub fn key(&self) -> Option<String> {
        self.key_named(None)
    }

    /// Returns the key with this name in the world; `None` if no key has the name.
    pub fn key_of(&self, name: &str) -> Option<String> {
        self.key_named(Some(name))
    }

    fn key_named(&self, name: Option<&str>) -> Option<String> {
        self.session().lock().key_named(name).map(|key| key.reveal().to_owned())
    }

    /// Returns the session that the fake started with: its clock, store, policies and documents.
    pub fn session(&self) -> Arc<Session> {
        self.app.sessions.default_session()
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    /// A step to before 1970 or after 9999-12-30T22:00:00Z.
    pub fn advance(&self, by: Duration) -> Result<(), OutOfRange> {
        let step = SignedDuration::try_from(by).map_err(|_| OutOfRange)?;
        let (session, real) = (self.session(), Timestamp::now());
        let mut state = session.lock();
        let mut clock = state.clock.clone();
        clock.advance(step, real)?;
        state.set_clock(clock, real);
        let now = crate::time_format::rfc3339(state.clock.now(real).as_second());
        let frozen = state.clock.is_frozen();
        state.record_change(real, "clock", serde_json::json!({"now": now, "frozen": frozen}));
        Ok(())
    }

    /// Replaces the world by another one, whole and at once. The clock, the faults, the journal and the policies that the
    /// builder set stay; a link to a document that is still there stays valid. Further sessions keep their worlds.
    pub fn replace_world(&self, world: impl Into<Arc<World>>) {
        self.app.sessions.replace_world(world.into(), Timestamp::now());
        self.app.loads.record_success();
    }

    /// Records, for `GET /__mock/health`, why the world on disk was refused.
    pub fn refuse_world(&self, error: &WorldError) {
        self.app.loads.record_failure(error);
    }

    /// Returns the requests, answers and changes of the session that the fake started with, the oldest first.
    pub fn journal(&self) -> Journal {
        self.session().journal(&Filter::default())
    }

    /// Checks that each fault rule fired as often as its `times` says, and returns how often each matched and fired.
    ///
    /// # Errors
    /// A rule that fired less often than its `times`, or never if it has no `times`.
    pub fn verify_faults(&self) -> Result<Vec<FaultReport>, NotConsumed> {
        self.session().lock().faults.verify()
    }

    /// Returns the counters of the main listener's connections.
    pub(crate) fn traffic(&self) -> &Traffic {
        self.main.traffic()
    }

    /// Stops listening, and waits for open requests as long as the limits allow. Returns how the main listener ended;
    /// `None` if its task panicked.
    pub async fn stop(mut self) -> Option<ServeOutcome> {
        // Who follows a journal would follow it for ever.
        self.app.sessions.all(Timestamp::now()).iter().for_each(|session| session.close_journal());
        self.main.finish().await
    }

    /// Opens a further session. It has other keys than every other session, so that requests of two sessions never mix.
    ///
    /// # Errors
    /// Too many sessions are open, and none of them is idle.
    pub fn open_session(&self, mut spec: SessionSpec) -> Result<Arc<Session>, TooManySessions> {
        if spec.signing_secret.is_none() {
            spec.signing_secret.clone_from(&self.app.signing_secret);
        }
        self.app.sessions.open(spec, Timestamp::now())
    }

    /// Ends a further session, and returns true if it was open.
    pub fn close_session(&self, id: &str) -> bool {
        self.app.sessions.close(id)
    }

    /// Returns the time since the start, from which the times of a journal count.
    pub fn uptime(&self) -> Duration {
        self.app.epoch.elapsed()
    }

    #[expect(clippy::panic, reason = "a test that asked for it fails by this")]
    fn complain(&self) {
        if let Err(rest) = self.verify_faults() {
            panic!("{rest}");
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        if self.verify_on_drop && !std::thread::panicking() {
            self.complain();
        }
    }
}
