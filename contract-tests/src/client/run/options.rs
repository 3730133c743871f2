//! How cases are played, whatever the scenario.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::PlainHost;
use crate::client::scenario::{BaseForm, Scenario};
use crate::client::transport::{Patience, Transport};

/// The options of a run of cases.
#[derive(Clone, Debug)]
pub struct Options {
    /// The client.
    pub subject: Transport,
    /// The time limit of a run, if the scenario has none.
    pub deadline: Duration,
    /// The deadline that the caller has asked for: the scenario's own is no longer where no attempt can be seen.
    pub bound: Option<Duration>,
    /// No deadline is shorter: a multiple of what one run of the client takes alone.
    pub least_deadline: Duration,
    /// Time that every deadline gets in addition: what an earlier play of the case lost.
    pub added: Duration,
    /// The limits of a run that goes on while the client does something.
    pub patience: Patience,
    /// The time from SIGTERM to SIGKILL.
    pub grace: Duration,
    /// Is true if every scenario is played over TLS.
    pub tls: bool,
    /// The host name that `BASE` has where a scenario wants one; it leads to this machine.
    pub plain_http_host: Option<PlainHost>,
    /// Is true if the manifest says that exit codes follow the optional classes.
    pub exit_classes: bool,
    /// The worlds that scenarios name, as their files have them.
    pub worlds: BTreeMap<String, String>,
    /// The number of cases that are played at once.
    pub jobs: usize,
    /// The folder in which sandboxes are made; left open, the system's for temporary files, and for drawn cases one in
    /// memory, if there is one.
    pub sandboxes: Option<PathBuf>,
}

impl Options {
    /// Returns the host name of `BASE` in a scenario, if it wants one and one is given.
    pub(super) fn host_for(&self, scenario: &Scenario) -> Option<&PlainHost> {
        self.plain_http_host.as_ref().filter(|_| scenario.base == BaseForm::Named)
    }

    /// Creates the documented defaults for a client: 20 s, then SIGTERM, then 5 s, and one case at once for each core.
    pub fn new(subject: impl Into<Transport>) -> Self {
        Self {
            subject: subject.into(),
            deadline: Duration::from_secs(20),
            bound: None,
            least_deadline: Duration::ZERO,
            added: Duration::ZERO,
            patience: Patience::default(),
            grace: Duration::from_secs(5),
            tls: false,
            plain_http_host: None,
            exit_classes: false,
            worlds: BTreeMap::new(),
            jobs: std::thread::available_parallelism().map_or(2, usize::from),
            sandboxes: None,
        }
    }
}
