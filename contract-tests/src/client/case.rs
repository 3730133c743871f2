//! A played case: one scenario, and everything that the witnesses observed. The input of the
//! judges.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::observability::Observability;
use crate::client::scenario::Scenario;
use crate::client::transport::Report;
use crate::client::witness::{Exchange, Handshake, Kind, Process, Strain, Tree};

/// A document that the client should save, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The id of the crew member whose document it is.
    pub crew_id: String,
    /// The document's id.
    pub id: String,
    /// The file name that the link step gives, if any.
    pub file_name: Option<String>,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Its length.
    pub len: u64,
}

/// One run of the client in a case.
#[derive(Clone, Debug)]
pub struct Run {
    /// The current documents of the crew member at the start of this run, in list order; in the task `fleet`, those of
    /// everybody on the fleet.
    pub current: Vec<Expected>,
    /// The client's requests and their answers in order, foreign listeners included.
    pub wire: Vec<Exchange>,
    /// TLS connections that carried no request.
    pub handshakes: Vec<Handshake>,
    /// The whole sandbox before the run.
    pub before: Tree,
    /// The whole sandbox after the run.
    pub after: Tree,
    /// The client's process.
    pub process: Process,
    /// The client's own report of the run, if its transport has one.
    pub report: Option<Report>,
}

/// One scenario as it was played.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scenario, with the policy values of this case.
    pub scenario: Arc<Scenario>,
    /// The policy value that was varied, as `dead_link=410`.
    pub variant: Option<String>,
    /// The crew member's id, as the client received it; of no meaning in the task `fleet`, which gives none.
    pub crew_id: String,
    /// The key of the case; unique, so that leaks are found.
    pub key: String,
    /// `BASE` as the client received it.
    pub base: String,
    /// The folder to save into, as a path from the root of the sandbox.
    pub out_dir: PathBuf,
    /// The time limit of a run.
    pub deadline: Duration,
    /// The time limit in the environment of the client, `CPK_DEADLINE_S`.
    pub client_deadline: Duration,
    /// The host and port of an origin that never answers, if the scenario has one.
    pub unreachable: Option<String>,
    /// True if the manifest declares that exit codes follow the optional classes.
    pub exit_classes: bool,
    /// The observability of the client.
    pub observability: Observability,
    /// The runs, in order.
    pub runs: Vec<Run>,
}

impl Case {
    /// Returns the last run.
    pub fn last(&self) -> Option<&Run> {
        self.runs.last()
    }

    /// Returns the strain of all runs.
    pub fn strain(&self) -> Strain {
        self.runs.iter().fold(Strain::default(), |all, run| all.plus(run.process.strain))
    }

    /// Returns true if the machine took so much time from a run that its behaviour proves nothing.
    ///
    /// A client has limits, too, which are a fifth of the deadline or so: less lost time than an
    /// eighth of it ends no client that is right.
    pub fn is_starved(&self) -> bool {
        self.runs.iter().any(|run| self.lost_in(run) > self.bearable_in(run))
    }

    /// Returns true if the machine took so much time between the requests of a run that their pace may be the
    /// machine's. What was lost before the first request, as by a virtual machine that starts, makes no pause longer.
    pub fn is_pace_in_doubt(&self) -> bool {
        self.runs.iter().any(|run| run.lost_between_requests() > self.bearable())
    }

    /// A client that ended by itself, but later than it should, has waited more than once: what it lost a while ago has
    /// ended none of its later waits.
    fn lost_in(&self, run: &Run) -> Duration {
        let process = &run.process;
        let is_late = process.took > self.client_deadline && !process.end.is_overrun();
        if is_late { process.losses.most_within(self.client_deadline) } else { process.strain.lost }
    }

    /// The deadline of a run that the gate had to end was longer by what it lost, so an eighth of its whole time is
    /// nothing to it.
    fn bearable_in(&self, run: &Run) -> Duration {
        let (usual, process) = (self.bearable(), &run.process);
        if process.end.is_overrun() { usual.max(process.took / 8) } else { usual }
    }

    fn bearable(&self) -> Duration {
        (self.deadline.min(self.client_deadline) / 8).clamp(LEAST_BEARABLE, MOST_BEARABLE)
    }

    /// Returns true if each run ended by itself, with 0.
    pub fn says_all_is_done(&self) -> bool {
        self.runs.iter().all(|run| run.process.end.is_success())
    }

    /// Returns true if a run had to be ended by the gate at its deadline.
    pub fn has_overrun(&self) -> bool {
        self.runs.iter().any(|run| run.process.end.is_overrun())
    }
}

/// Lost time up to this never counts, however short the deadline is.
const LEAST_BEARABLE: Duration = Duration::from_millis(250);

/// Lost time above this always counts, however long the deadline is.
const MOST_BEARABLE: Duration = Duration::from_secs(2);

impl Run {
    fn lost_between_requests(&self) -> Duration {
        let (first, last) =
            (self.wire.iter().map(|one| one.started).min(), self.wire.iter().map(|one| one.started).max());
        first.zip(last).map_or(Duration::ZERO, |(first, last)| self.process.losses.between(first, last))
    }

    /// Returns the files below the folder to save into after the run, each with its hash. A symbolic
    /// link there is the file that it leads to.
    pub fn saved_under<'a>(&'a self, out_dir: &'a std::path::Path) -> impl Iterator<Item = (&'a PathBuf, &'a str)> {
        let below = self.after.entries.iter().filter(move |(path, _)| path.starts_with(out_dir));
        below.filter_map(|(path, entry)| match &entry.kind {
            Kind::File { sha256, .. } => Some((path, sha256.as_str())),
            Kind::Symlink(target) => Some((path, self.after.hash_behind(path, target)?)),
            Kind::Folder | Kind::Special => None,
        })
    }

    /// Returns the current documents whose bytes are not below `out_dir`.
    pub fn missing<'a>(&'a self, out_dir: &'a std::path::Path) -> impl Iterator<Item = &'a Expected> {
        self.current.iter().filter(move |wanted| !self.saved_under(out_dir).any(|(_, hash)| hash == wanted.sha256))
    }
}
