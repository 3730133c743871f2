//! The verdict of a judge about one obligation in one case.

use std::path::PathBuf;

/// The verdict of a judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Kept. A note says if an allowed choice of the client makes the obligation moot, or adds a
    /// remark.
    Pass(Option<String>),
    /// Broken, with every finding.
    Fail(Vec<Finding>),
    /// The client never reached the point that counts; the text says why.
    NotExercised(String),
    /// The obligation can't be observed this way, or on this system; the text says why.
    NotObservable(String),
}

impl Verdict {
    /// Returns `Pass` without findings, else `Fail`.
    pub fn from_findings(findings: Vec<Finding>) -> Self {
        if findings.is_empty() { Self::Pass(None) } else { Self::Fail(findings) }
    }
}

/// One difference between expected and observed behaviour. Secrets are masked before they get here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The expected behaviour, in words for the client's author.
    pub expected: String,
    /// The observed behaviour; the first difference.
    pub observed: String,
    /// The run, counted from 0.
    pub run: usize,
    /// The exchange that the finding belongs to, by its `seq`.
    pub exchange: Option<u64>,
    /// The exchange whose answer the finding is about, by its `seq`, if the judge knows it.
    pub answer: Option<u64>,
    /// The file that the finding belongs to, from the root of the sandbox.
    pub file: Option<PathBuf>,
    /// Advice for this finding, where that of the obligation does not fit.
    pub mend: Option<&'static str>,
}
