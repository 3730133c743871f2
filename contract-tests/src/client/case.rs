//! A case: one scenario as it was played to one client, with all that the witnesses saw. What judges are given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::observability::Observability;
use crate::client::scenario::Scenario;
use crate::client::transport::Report;
use crate::client::witness::{Exchange, Handshake, Process, Tree};

/// A document that the client should end up with, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its id.
    pub id: String,
    /// Its file's name on the wire, if it has one.
    pub file_name: Option<String>,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Its length.
    pub len: u64,
}

/// One run of the client within a case.
#[derive(Clone, Debug)]
pub struct Run {
    /// The current documents of the crew member at the start of this run, in the order of the list.
    pub current: Vec<Expected>,
    /// What the client asked and got, in order, foreign listeners included.
    pub wire: Vec<Exchange>,
    /// Connections over TLS that carried no request.
    pub handshakes: Vec<Handshake>,
    /// The whole sandbox before the run.
    pub before: Tree,
    /// The whole sandbox after the run.
    pub after: Tree,
    /// The process.
    pub process: Process,
    /// What the client itself said of the run, where its way has words for it.
    pub report: Option<Report>,
}

/// One scenario as it was played.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scenario, with the values that this case had.
    pub scenario: Arc<Scenario>,
    /// Which policy value was varied, as `dead_link=410`.
    pub variant: Option<String>,
    /// The crew member's id, as the client was told it.
    pub crew_id: String,
    /// The key of the case: its canary for leaks.
    pub key: String,
    /// `BASE` as the client was told it.
    pub base: String,
    /// Where the client was told to save, as a path from the root of the sandbox.
    pub out_dir: PathBuf,
    /// How long a run may take.
    pub deadline: Duration,
    /// Whether the manifest says that exit codes follow the optional classes.
    pub exit_classes: bool,
    /// What can be seen of the client.
    pub observability: Observability,
    /// Its runs, in order.
    pub runs: Vec<Run>,
}

impl Case {
    /// The last run.
    pub fn last(&self) -> Option<&Run> {
        self.runs.last()
    }
}

impl Run {
    /// The part of the tree below the folder that the client was told to save into.
    pub fn saved_under<'a>(&'a self, out_dir: &'a std::path::Path) -> impl Iterator<Item = (&'a PathBuf, &'a str)> {
        self.after.files().filter(move |(path, _, _)| path.starts_with(out_dir)).map(|(path, _, hash)| (path, hash))
    }

    /// The current documents whose bytes are on disk nowhere below `out_dir`.
    pub fn missing<'a>(&'a self, out_dir: &'a std::path::Path) -> impl Iterator<Item = &'a Expected> {
        self.current.iter().filter(move |wanted| !self.saved_under(out_dir).any(|(_, hash)| hash == wanted.sha256))
    }
}
