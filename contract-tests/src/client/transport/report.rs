//! The client's own report of a run, if it can say more than an exit code. The disk decides; a
//! contradiction is a failure.

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::environment::ClientEnv;
use crate::client::witness::{End, Process};

/// The client's own statement of how a run ended; each class has an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Every current document is saved, or there are none.
    Ok,
    /// Some documents are saved, and others are not.
    Partial,
    /// The key was refused, or lacks a permission.
    Denied,
    /// The crew member or document does not exist.
    NotFound,
    /// The service was unreachable or too busy.
    Unavailable,
    /// The service gave an answer that the contract does not allow.
    ContractError,
    /// A problem of this machine.
    LocalError,
}

impl Class {
    /// Returns the exit code of a command with the same outcome.
    pub const fn code(self) -> i32 {
        match self {
            Self::Ok => 0,
            Self::Partial => 10,
            Self::Denied => 20,
            Self::NotFound => 21,
            Self::Unavailable => 22,
            Self::ContractError => 23,
            Self::LocalError => 24,
        }
    }

    pub(super) const fn end(self) -> End {
        End::Exit(self.code())
    }
}

/// A client's report of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The outcome of the run.
    pub outcome: Class,
    /// The list items as they were received.
    #[serde(default)]
    pub items: Vec<Value>,
    /// The saved files.
    #[serde(default)]
    pub files: Vec<ReportedFile>,
    /// The errors.
    #[serde(default)]
    pub errors: Vec<ReportedError>,
}

impl Report {
    /// Creates a report with an outcome and no details.
    pub const fn new(outcome: Class) -> Self {
        Self { outcome, items: Vec::new(), files: Vec::new(), errors: Vec::new() }
    }

    /// Changes the paths of its files to paths from the root of the sandbox, as in trees.
    pub(super) fn within(mut self, env: &ClientEnv) -> Self {
        let real = LazyCell::new(|| env.sandbox.canonicalize().unwrap_or_default());
        for file in &mut self.files {
            file.path = from_root(&file.path, env, &real);
        }
        self
    }
}

fn from_root(path: &Path, env: &ClientEnv, real: &LazyCell<PathBuf, impl FnOnce() -> PathBuf>) -> PathBuf {
    let whole = env.out_dir.join(path);
    let below = whole.strip_prefix(&env.sandbox).or_else(|_| whole.strip_prefix(&**real));
    // A path outside of the sandbox is in no tree, so it will not be found.
    below.map(|path| path.components().collect()).unwrap_or(whole)
}

/// A file that a client reports as saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFile {
    /// The document's id.
    pub document_id: String,
    /// The path: absolute, or below the folder to save into.
    pub path: PathBuf,
    /// The SHA-256 of its bytes in hexadecimal, if reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// An error that a client reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportedError {
    /// The document's id, if the error is about one.
    pub document_id: Option<String>,
    /// `list`, `link` or `file`.
    pub step: Option<String>,
    /// The HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// The description.
    pub message: String,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub(crate) process: Process,
    pub(crate) report: Option<Report>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_an_exit_code() {
        let all = ["ok", "partial", "denied", "not_found", "unavailable", "contract_error", "local_error"];
        let code = |name: &str| serde_json::from_value::<Class>(Value::from(name)).unwrap().code();
        assert_eq!(all.map(code), [0, 10, 20, 21, 22, 23, 24]);
    }

    #[test]
    fn missing_fields_are_empty_and_unknown_fields_are_ignored() {
        let read: Report = serde_json::from_str(r#"{"type":"result","id":"j1","outcome":"ok","more":1}"#).unwrap();
        assert_eq!(read, Report::new(Class::Ok));
    }
}
