//! The outcome of an obligation, and how outcomes of several scenarios merge into one.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Grade, Source};
use crate::judge::Finding;

/// What an obligation came to. The order is the order of merging: the first that any scenario came to wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Broken.
    Fail,
    /// A known failure that passes now, fails otherwise, or has expired.
    Stale,
    /// The gate itself broke.
    HarnessError,
    /// The client never came to where it counts.
    NotExercised,
    /// It can't be seen this way.
    NotObservable,
    /// The manifest says with a reason that the client can't do it.
    Unsupported,
    /// Broken as the list of known failures says.
    KnownFailure,
    /// Kept.
    Pass,
}

/// The result of one obligation in one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Result {
    /// The obligation.
    pub id: String,
    /// Its grade.
    pub grade: Grade,
    /// The source of its clause.
    pub source: Source,
    /// What it came to.
    pub outcome: Outcome,
    /// The scenario, by id, with `[policy=value]` behind it where one was varied.
    pub scenario: String,
    /// A reason or a remark, where there is one.
    pub note: Option<String>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What replays it: everything behind `crewpass-contract replay`.
    pub replay: String,
}
