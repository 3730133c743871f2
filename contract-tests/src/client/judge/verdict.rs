//! What a judge says of one obligation in one case.

use std::path::PathBuf;

/// What a judge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Kept; with a note where an allowed choice of the client makes it moot, or is worth knowing.
    Pass(Option<String>),
    /// Broken, with every finding.
    Fail(Vec<Finding>),
    /// The client never came to where it counts; why.
    NotExercised(String),
    /// It can't be seen this way, or on this system; why.
    NotObservable(String),
}

impl Verdict {
    /// Kept if nothing was found, else broken.
    pub fn of(findings: Vec<Finding>) -> Self {
        if findings.is_empty() { Self::Pass(None) } else { Self::Fail(findings) }
    }
}

/// One thing that was found. Secrets are masked before they get here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// What the clause wants, in words for the client's author.
    pub expected: String,
    /// What was seen instead; the first difference.
    pub observed: String,
    /// The run, counted from 0.
    pub run: usize,
    /// The exchange it belongs to, by its `seq`.
    pub exchange: Option<u64>,
    /// The file it belongs to, from the root of the sandbox.
    pub file: Option<PathBuf>,
}
