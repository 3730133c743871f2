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
use crate::http::{Limits, ServeOutcome, TlsConfig, Traffic};
use crate::journal::{Filter, Journal};
use crate::listener::{BindError, Listener, PathPrefix};
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
    /// A fake of the starter world on a free port of 127.0.0.1, on the real time.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The base URL that clients use, without a slash at its end.
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

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.main.address()
    }

    /// Listens on a further address, with or without TLS. Whatever comes in there is answered as everything else, and
    /// its connection's local address tells where it came in.
    ///
    /// # Errors
    /// An address that can't be had.
    pub async fn listen(&self, address: SocketAddr, tls: Option<TlsConfig>) -> Result<Listener, BindError> {
        self.open_listener(address, tls, None).await
    }

    /// The same, with the API below a path such as `/gateway`. Links do not contain it, and are served without it.
    ///
    /// # Errors
    /// An address that can't be had.
    pub async fn listen_below(
        &self,
        path: &str,
        address: SocketAddr,
        tls: Option<TlsConfig>,
    ) -> Result<Listener, BindError> {
        self.open_listener(address, tls, Some(PathPrefix(path.into()))).await
    }

    async fn open_listener(
        &self,
        address: SocketAddr,
        tls: Option<TlsConfig>,
        prefix: Option<PathPrefix>,
    ) -> Result<Listener, BindError> {
        let (limits, routes) = (self.limits.clone(), self.routes.clone());
        let listener = Listener::open(address, tls, prefix, limits, routes, Arc::default()).await?;
        self.app.callback_targets.add_own_port(listener.address().port());
        Ok(listener)
    }

    /// The first key of the world, which in the starter world may do everything.
    pub fn key(&self) -> Option<String> {
        self.key_named(None)
    }

    /// The key of that name in the world.
    pub fn key_of(&self, name: &str) -> Option<String> {
        self.key_named(Some(name))
    }

    fn key_named(&self, name: Option<&str>) -> Option<String> {
        self.session().lock().key_named(name).map(|key| key.reveal().to_owned())
    }

    /// The session that the fake began with: its clock, store, policies and documents.
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

    /// Goes on with another world, whole and at once. The clock, the faults, the journal and the policies that the
    /// builder set stay; a link to a document that is still there stays valid. Further sessions keep their worlds.
    pub fn replace_world(&self, world: impl Into<Arc<World>>) {
        self.app.sessions.replace_world(world.into(), Timestamp::now());
        self.app.loads.record_success();
    }

    /// Notes, for `GET /__mock/health`, why the world on disk was not taken.
    pub fn refuse_world(&self, error: &WorldError) {
        self.app.loads.record_failure(error);
    }

    /// What the session that the fake began with was asked, what it answered and what was changed about it.
    pub fn journal(&self) -> Journal {
        self.session().journal(&Filter::default())
    }

    /// How often each rule matched and fired, if each was consumed as often as its `times` says.
    ///
    /// # Errors
    /// A rule that fired less often than its `times`, or never where it has none.
    pub fn verify_faults(&self) -> Result<Vec<FaultReport>, NotConsumed> {
        self.session().lock().faults.verify()
    }

    /// Returns the counters of the main listener's connections.
    pub(crate) fn traffic(&self) -> &Traffic {
        self.main.traffic()
    }

    /// Stops listening and lets open requests end, for as long as the limits say.
    pub async fn stop(mut self) -> Option<ServeOutcome> {
        // Who follows a journal would follow it for ever.
        self.app.sessions.all(Timestamp::now()).iter().for_each(|session| session.close_journal());
        self.main.finish().await
    }

    /// Opens a further session: its keys are its own, so that it never meets another one.
    ///
    /// # Errors
    /// Too many are open, and none of them is idle.
    pub fn open_session(&self, mut spec: SessionSpec) -> Result<Arc<Session>, TooManySessions> {
        if spec.signing_secret.is_none() {
            spec.signing_secret.clone_from(&self.app.signing_secret);
        }
        self.app.sessions.open(spec, Timestamp::now())
    }

    /// Ends a further session; tells whether it was there.
    pub fn close_session(&self, id: &str) -> bool {
        self.app.sessions.close(id)
    }

    /// How long it has been running: what the times of a journal count from.
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
