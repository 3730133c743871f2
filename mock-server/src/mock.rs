//! The fake as a value: for `main`, and for Rust tests that embed it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::app::{App, ControlAccess, WorldLoads};
use crate::clock::OutOfRange;
use crate::control;
use crate::endpoint::Routes;
use crate::fault::{BadFault, Fault, FaultReport, Faults, NotConsumed};
use crate::http::{Limits, ServeOutcome, TlsConfig, Traffic};
use crate::journal::{self, Filter, Journal};
use crate::listener::{BindError, Listener, PathPrefix};
use crate::origin::Origins;
use crate::policy::{BadPolicy, Policies};
use crate::request_log::LogSender;
use crate::session::{Session, SessionSpec, Sessions, TooManySessions};
use crate::world::{World, WorldError};

/// What a fake is started with; [`MockServer::builder`] makes one.
#[derive(Debug)]
#[must_use = "a builder does nothing until `start` is awaited"]
pub struct Builder {
    bind: SocketAddr,
    world: Arc<World>,
    policies: Policies,
    settings: Vec<(Box<str>, Box<str>)>,
    seed: Option<u64>,
    frozen_at: Option<Timestamp>,
    faults: Vec<Fault>,
    verify_on_drop: bool,
    signing_secret: Option<Arc<str>>,
    origins: Origins,
    /// `None` serves no control API.
    control_access: Option<ControlAccess>,
    limits: Limits,
    session_idle: Duration,
    journal: usize,
    explain_header: bool,
    tls: Option<TlsConfig>,
    request_log: Option<LogSender>,
    #[cfg(feature = "cli")]
    metrics: bool,
}

/// How long a further session may be unused before it ends, unless told.
pub const SESSION_IDLE: Duration = Duration::from_mins(30);

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
    app: Arc<App>,
    routes: Routes,
    limits: Limits,
    main: Listener,
    verify_on_drop: bool,
}

impl MockServer {
    /// A fake of the starter world on a free port of 127.0.0.1, on the real time.
    pub fn builder() -> Builder {
        let world = World::starter();
        Builder {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            policies: world.policies.clone(),
            world,
            settings: Vec::new(),
            seed: None,
            frozen_at: None,
            faults: Vec::new(),
            verify_on_drop: false,
            signing_secret: None,
            origins: Origins::default(),
            control_access: Some(ControlAccess::default()),
            limits: Limits::default(),
            session_idle: SESSION_IDLE,
            journal: journal::CAPACITY,
            explain_header: false,
            tls: None,
            request_log: None,
            #[cfg(feature = "cli")]
            metrics: false,
        }
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
        Listener::open(address, tls, None, self.limits.clone(), self.routes.clone(), Arc::default()).await
    }

    /// The same, with the API below a path such as `/gateway`. Links are told, and served, without it.
    ///
    /// # Errors
    /// An address that can't be had.
    pub async fn listen_below(
        &self,
        path: &str,
        address: SocketAddr,
        tls: Option<TlsConfig>,
    ) -> Result<Listener, BindError> {
        let below = Some(PathPrefix(path.into()));
        Listener::open(address, tls, below, self.limits.clone(), self.routes.clone(), Arc::default()).await
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
    /// A step that leaves the years 1970 to 9999.
    pub fn advance(&self, by: Duration) -> Result<(), OutOfRange> {
        let step = SignedDuration::try_from(by).map_err(|_| OutOfRange)?;
        let (session, real) = (self.session(), Timestamp::now());
        let mut state = session.lock();
        state.clock.advance(step, real)?;
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

    /// How often each rule matched and fired, if every one was consumed as told.
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

impl Builder {
    /// Listens there instead of on a free port of 127.0.0.1.
    pub fn bind(self, address: SocketAddr) -> Self {
        Self { bind: address, ..self }
    }

    /// Serves another world, with its policies.
    pub fn world(self, world: impl Into<Arc<World>>) -> Self {
        let world = world.into();
        Self { policies: world.policies.clone(), settings: Vec::new(), world, ..self }
    }

    /// Sets one policy by name and value, as on the command line.
    ///
    /// # Errors
    /// A name or a value that is not known, with the choices listed.
    pub fn policy(mut self, name: &str, value: &str) -> Result<Self, BadPolicy> {
        self.policies.set(name, value)?;
        self.settings.push((name.into(), value.into()));
        Ok(self)
    }

    /// Sets one policy from `NAME=VALUE`.
    ///
    /// # Errors
    /// Anything else, and a name or a value that is not known.
    pub fn policy_from(self, setting: &str) -> Result<Self, BadPolicy> {
        let (name, value) = Policies::parse_setting(setting)?;
        self.policy(name, value)
    }

    /// Starts with a clock that is frozen at `at`, from 1970 on; an earlier time is taken as 1970-01-01.
    pub fn frozen_at(self, at: Timestamp) -> Self {
        Self { frozen_at: Some(at), ..self }
    }

    /// Begins with this rule, behind those that were given before.
    ///
    /// # Errors
    /// A name that another rule has, or too many rules.
    pub fn fault(mut self, fault: Fault) -> Result<Self, BadFault> {
        self.faults.push(fault);
        Faults::default().add(self.faults.clone(), Timestamp::UNIX_EPOCH)?;
        Ok(self)
    }

    /// When the fake is dropped, panics if a rule was not consumed as told, so that the test fails whose fault never
    /// happened. While another panic is on its way, nothing is verified.
    pub fn verify_on_drop(self) -> Self {
        Self { verify_on_drop: true, ..self }
    }

    /// Takes another seed than the world's.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Signs links with this secret, so that replicas with the same one honour them.
    pub fn signing_secret(self, secret: &str) -> Self {
        Self { signing_secret: Some(secret.into()), ..self }
    }

    /// Where links point, if not to the origin that the caller used.
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// Serves no control API: whoever reaches the fake learns and changes nothing but what the API gives. The values of
    /// this library still do.
    pub fn without_control(self) -> Self {
        Self { control_access: None, ..self }
    }

    /// Who may use the control API.
    pub fn gate(self, control_access: ControlAccess) -> Self {
        Self { control_access: Some(control_access), ..self }
    }

    /// The bounds of a connection.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Ends further sessions that were not used for so long; a second at least.
    pub fn session_idle(self, idle: Duration) -> Self {
        Self { session_idle: idle, ..self }
    }

    /// Keeps so many entries in the journal of each session; with 0 it is off.
    pub fn journal(self, entries: usize) -> Self {
        Self { journal: entries, ..self }
    }

    /// Names the clause that refused a request in a header, `X-Mock-Reason: crew-on-fleet`. Off by
    /// default: clients must not depend on it, because the contract does not distinguish 404
    /// responses.
    pub fn explain_header(self, on: bool) -> Self {
        Self { explain_header: on, ..self }
    }

    /// Sends a line for each request to a log.
    pub(crate) fn request_log(self, log: LogSender) -> Self {
        Self { request_log: Some(log), ..self }
    }

    /// Counts requests for `GET /__mock/metrics`.
    #[cfg(feature = "cli")]
    pub(crate) fn metrics(self, on: bool) -> Self {
        Self { metrics: on, ..self }
    }

    /// Serves over TLS; [`Authority`](crate::http::Authority) makes a configuration.
    #[cfg(feature = "tls")]
    pub fn tls(self, config: TlsConfig) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// Binds, then serves in a task of the current runtime. Once this returns, it listens.
    ///
    /// # Errors
    /// An address that can't be had.
    pub async fn start(self) -> Result<MockServer, BindError> {
        let spec = SessionSpec {
            world: self.world,
            seed: self.seed,
            policies: self.policies,
            settings: self.settings,
            frozen_at: self.frozen_at,
            faults: self.faults,
            signing_secret: self.signing_secret.clone(),
            journal: self.journal,
            key_salt: None,
        };
        let sessions = Sessions::new(spec, self.session_idle, Timestamp::now());
        let traffic: Arc<Traffic> = Arc::default();
        let serves_control = self.control_access.is_some();
        let app = Arc::new(App {
            sessions,
            origins: self.origins,
            control_access: self.control_access.unwrap_or_default(),
            signing_secret: self.signing_secret,
            epoch: Instant::now(),
            journal: self.journal,
            body_timeout: self.limits.header_timeout,
            explain_header: self.explain_header,
            controls: 1.into(),
            loads: WorldLoads::default(),
            request_log: self.request_log,
            #[cfg(feature = "cli")]
            metrics: self.metrics.then(crate::metrics::Metrics::new),
            traffic: Arc::clone(&traffic),
        });
        let controls = if serves_control { control::router(Arc::clone(&app)) } else { axum::Router::new() };
        let routes = Routes::new(Arc::clone(&app), controls);
        let main = Listener::open(self.bind, self.tls, None, self.limits.clone(), routes.clone(), traffic).await?;
        Ok(MockServer { app, routes, limits: self.limits, main, verify_on_drop: self.verify_on_drop })
    }
}
