//! The settings of a fake, and its start.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::app_state::{AppState, ControlAccess, WorldLoads};
use crate::control;
use crate::endpoint::Routes;
use crate::fault::{BadFault, Fault, Faults};
#[cfg(feature = "tls")]
use crate::http::TlsError;
use crate::http::{HeaderNames, Limits, TlsConfig, Traffic};
use crate::journal;
use crate::listener::{BindError, ListenOptions, Listener};
use crate::origin::Origins;
use crate::policy::{BadPolicy, Policies};
use crate::request_log::LogSender;
use crate::session::{SessionSpec, Sessions};
use crate::webhook::{AllowedTargets, CallbackTrust, deliver_for};
use crate::world::World;

use super::MockServer;

/// The settings of a fake; [`MockServer::builder`] creates them.
#[derive(Debug)]
#[must_use = "a builder does nothing until `start` is awaited"]
pub struct Builder {
    bind: SocketAddr,
    /// `None` is the starter world, which is read only if it is served.
    world: Option<Arc<World>>,
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
    header_names: HeaderNames,
    session_idle: Duration,
    journal: usize,
    explain_header: bool,
    tls: Option<TlsConfig>,
    request_log: Option<LogSender>,
    callback_host: Option<Box<str>>,
    callback_trust: CallbackTrust,
    #[cfg(feature = "cli")]
    metrics: bool,
}

/// The default time after which an unused session ends.
pub const SESSION_IDLE: Duration = Duration::from_mins(30);

impl Builder {
    /// Creates the settings of a fake of the starter world on a free port of 127.0.0.1.
    pub(super) fn new() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            world: None,
            settings: Vec::new(),
            seed: None,
            frozen_at: None,
            faults: Vec::new(),
            verify_on_drop: false,
            signing_secret: None,
            origins: Origins::default(),
            control_access: Some(ControlAccess::default()),
            limits: Limits::default(),
            header_names: HeaderNames::default(),
            session_idle: SESSION_IDLE,
            journal: journal::CAPACITY,
            explain_header: false,
            tls: None,
            request_log: None,
            callback_host: None,
            callback_trust: CallbackTrust::default(),
            #[cfg(feature = "cli")]
            metrics: false,
        }
    }

    /// Listens on this address instead of a free port of 127.0.0.1.
    pub fn bind(self, address: SocketAddr) -> Self {
        Self { bind: address, ..self }
    }

    /// Serves another world, with its policies.
    pub fn world(self, world: impl Into<Arc<World>>) -> Self {
        Self { settings: Vec::new(), world: Some(world.into()), ..self }
    }

    /// Sets one policy by name and value, as on the command line.
    ///
    /// # Errors
    /// An unknown name or value; the message lists the choices.
    pub fn policy(mut self, name: &str, value: &str) -> Result<Self, BadPolicy> {
        Policies::default().set(name, value)?;
        self.settings.push((name.into(), value.into()));
        Ok(self)
    }

    /// Sets one policy from `NAME=VALUE`.
    ///
    /// # Errors
    /// A text without `=`, and an unknown name or value.
    pub fn policy_from(self, setting: &str) -> Result<Self, BadPolicy> {
        let (name, value) = Policies::parse_setting(setting)?;
        self.policy(name, value)
    }

    /// Starts with a clock that is frozen at `at`, from 1970 on; an earlier time is taken as 1970-01-01.
    pub fn frozen_at(self, at: Timestamp) -> Self {
        Self { frozen_at: Some(at), ..self }
    }

    /// Starts with this fault rule, after those that were given before.
    ///
    /// # Errors
    /// A name that another rule has, or too many rules.
    pub fn fault(mut self, fault: Fault) -> Result<Self, BadFault> {
        self.faults.push(fault);
        Faults::default().add(self.faults.clone(), Timestamp::UNIX_EPOCH)?;
        Ok(self)
    }

    /// Panics when the fake is dropped, if a fault rule did not fire as often as its `times` says, so that a test whose
    /// fault never happened fails. During another panic, nothing is verified.
    pub fn verify_on_drop(self) -> Self {
        Self { verify_on_drop: true, ..self }
    }

    /// Uses this seed instead of the world's.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Signs links with this secret, so that replicas with the same secret accept them.
    pub fn signing_secret(self, secret: &str) -> Self {
        Self { signing_secret: Some(secret.into()), ..self }
    }

    /// Sets the origin of links, instead of the origin that the caller used.
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// Serves no control API: a client can use the API, and nothing else. The methods of [`MockServer`] still work.
    pub fn without_control(self) -> Self {
        Self { control_access: None, ..self }
    }

    /// Sets who may use the control API; by default, everybody on this machine.
    pub fn control_access(self, control_access: ControlAccess) -> Self {
        Self { control_access: Some(control_access), ..self }
    }

    /// Sets the limits of connections: times, sizes and numbers.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Writes the names of response headers in this way over HTTP/1.
    pub fn header_names(self, header_names: HeaderNames) -> Self {
        Self { header_names, ..self }
    }

    /// Ends further sessions that were unused for this time, which is at least a second.
    pub fn session_idle(self, idle: Duration) -> Self {
        Self { session_idle: idle, ..self }
    }

    /// Sets the number of entries that the journal of each session keeps; 0 turns the journal off.
    pub fn journal(self, entries: usize) -> Self {
        Self { journal: entries, ..self }
    }

    /// Names the clause that refused a request in a header, `X-Mock-Reason: crew-on-fleet`. Off by
    /// default: clients must not depend on it, because the contract does not distinguish 404
    /// responses.
    pub fn explain_header(self, on: bool) -> Self {
        Self { explain_header: on, ..self }
    }

    /// Lets webhooks go to one private host beside this machine, such as the name of a container.
    pub fn callback_host(self, host: &str) -> Self {
        Self { callback_host: Some(host.into()), ..self }
    }

    /// Trusts the authorities of a text in PEM for webhooks over https; without one, such a delivery fails.
    ///
    /// # Errors
    /// A text without a certificate of an authority.
    #[cfg(feature = "tls")]
    pub fn callback_ca(self, pem: &str) -> Result<Self, TlsError> {
        Ok(Self { callback_trust: CallbackTrust::from_pem(pem.as_bytes())?, ..self })
    }

    /// Sends an event for each request to a log.
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

    /// Binds the address, then serves in a task of the current Tokio runtime. Once this returns, the fake listens.
    ///
    /// # Errors
    /// An address that can't be bound.
    pub async fn start(self) -> Result<MockServer, BindError> {
        let world = self.world.unwrap_or_else(World::starter);
        let spec = SessionSpec {
            seed: self.seed,
            frozen_at: self.frozen_at,
            faults: self.faults,
            signing_secret: self.signing_secret.clone(),
            journal: self.journal,
            ..SessionSpec::new(world).with_settings(self.settings.clone())
        };
        let sessions = Sessions::new(spec, self.session_idle, Timestamp::now());
        let traffic: Arc<Traffic> = Arc::default();
        let serves_control = self.control_access.is_some();
        let app = Arc::new(AppState {
            sessions,
            origins: self.origins,
            control_access: self.control_access.unwrap_or_default(),
            signing_secret: self.signing_secret,
            epoch: Instant::now(),
            journal: self.journal,
            settings: self.settings,
            body_timeout: self.limits.header_timeout,
            explain_header: self.explain_header,
            controls: 1.into(),
            loads: WorldLoads::default(),
            request_log: self.request_log,
            #[cfg(feature = "cli")]
            metrics: self.metrics.then(crate::metrics::Metrics::new),
            traffic: Arc::clone(&traffic),
            callback_targets: Arc::new(AllowedTargets::new(self.callback_host, self.callback_trust)),
        });
        let routes = Routes::new(Arc::clone(&app), serves_control.then_some(control::router));
        let options = ListenOptions { tls: self.tls, below: None, header_names: self.header_names };
        let main = Listener::open(self.bind, options, self.limits.clone(), routes.clone(), traffic).await?;
        app.callback_targets.add_own_port(main.address().port());
        if let Some(wakes) = app.sessions.take_wakes() {
            tokio::spawn(deliver_for(Arc::downgrade(&app), wakes));
        }
        Ok(MockServer { app, routes, limits: self.limits, main, verify_on_drop: self.verify_on_drop })
    }
}
