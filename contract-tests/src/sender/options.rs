//! The options of a run, and the errors for which a sender can't be judged at all.

use std::net::SocketAddr;
use std::time::Duration;

use crate::requirement::{Catalogue, Change};
use crate::steps::Steps;

/// The time in which an event must arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// The time in which a sender makes an attempt that is due.
const SETTLE: Duration = Duration::from_millis(250);
/// The longest time without an answer.
const SILENCE: Duration = Duration::from_mins(1);

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The URL by which the sender reaches that address, if it is another.
    pub url: Option<String>,
    /// The secret that signs deliveries.
    pub secret: String,
    /// The URL of the control API of a fake.
    pub control: Option<String>,
    /// The real time that may be waited for further attempts, if the clock of the sender can't be moved.
    pub wait: Option<Duration>,
    /// The time in which an event must arrive.
    pub arrival: Duration,
    /// The time in which a sender makes an attempt that is due.
    pub settle: Duration,
    /// The longest time without an answer, after which the connection is closed.
    pub silence: Duration,
    /// The ids of the judged clauses; all if it is empty. No lever is used for a clause that is not judged.
    pub only: Vec<String>,
    /// Gets the title of each situation.
    pub steps: Steps,
}

impl Options {
    /// Creates options without levers, for all clauses.
    pub fn new(listen: SocketAddr, secret: &str) -> Self {
        Self {
            listen,
            url: None,
            secret: secret.to_owned(),
            control: None,
            wait: None,
            arrival: ARRIVAL,
            settle: SETTLE,
            silence: SILENCE,
            only: Vec::new(),
            steps: Steps::default(),
        }
    }

    /// Returns true if a judged clause needs one of these changes.
    pub(super) fn needs(&self, changes: &[Change]) -> bool {
        let Ok(catalogue) = Catalogue::of_sender() else { return true };
        let judged = catalogue.obligations().iter().filter(|one| self.only.is_empty() || self.only.contains(&one.id));
        judged.filter_map(|clause| clause.clause_facts()?.lever).any(|lever| changes.contains(&lever))
    }
}

/// The reason why a sender can't be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The address can't be listened on.
    #[error("{address} can't be listened on: {why}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        why: std::io::Error,
    },
    /// Nothing can cause an event.
    #[error("nothing causes an event: add `levers: {{event: COMMAND}}` to the expectation, or --control URL")]
    NoLever,
    /// Nobody is known about whom an event may come.
    #[error(
        "the expectation names nobody about whom an event may come: add \
         `crew_001: {{fleet: true, consented: [crew:documents:read], documents: [{{document_id: doc_1}}]}}`"
    )]
    Nobody,
    /// A lever failed before anything was delivered.
    #[error("the lever {name} failed: {why}")]
    Lever {
        /// The name of the lever.
        name: &'static str,
        /// Its error.
        why: String,
    },
    /// No event was delivered.
    #[error(
        "no delivery arrived at {url} within {seconds} s after the lever `event`: is this the callback of the sender?"
    )]
    Silent {
        /// The URL of the callback.
        url: String,
        /// The time that was waited.
        seconds: u64,
    },
    /// An error of the system.
    #[error("the system can't create a thread: {0}")]
    System(std::io::Error),
}
