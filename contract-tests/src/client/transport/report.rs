//! What a client says of its own run, where it can say more than an exit code. Never believed: the disk decides, and a
//! contradiction is a failure of its own.

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::environment::ClientEnv;
use crate::client::witness::{End, Process};

/// How a run ended by the client's own word; each stands for an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Every current document is saved, or there is none.
    Ok,
    /// Something is saved, and something is not.
    Partial,
    /// The key was not accepted, or not for this.
    Denied,
    /// There is no such crew member or document.
    NotFound,
    /// The service could not be reached, or was too busy.
    Unavailable,
    /// The service answered what the contract does not allow.
    ContractError,
    /// This machine could not do it.
    LocalError,
}

impl Class {
    /// The exit code of a command that says the same.
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
    /// How it ended.
    pub outcome: Class,
    /// The items as they were listed.
    #[serde(default)]
    pub items: Vec<Value>,
    /// What was saved.
    #[serde(default)]
    pub files: Vec<ReportedFile>,
    /// What went wrong.
    #[serde(default)]
    pub errors: Vec<ReportedError>,
}

impl Report {
    /// A report that says nothing but how the run ended.
    pub const fn of(outcome: Class) -> Self {
        Self { outcome, items: Vec::new(), files: Vec::new(), errors: Vec::new() }
    }

    /// With the paths of its files counted from the root of the sandbox, as trees are.
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
    // What lies elsewhere is in no tree, and so is not found.
    below.map(|path| path.components().collect()).unwrap_or(whole)
}

/// A file that a client says it saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFile {
    /// The document.
    pub document_id: String,
    /// Where it is: absolute, or below the folder to save into.
    pub path: PathBuf,
    /// The SHA-256 of its bytes in hexadecimal, where it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Something that a client says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportedError {
    /// The document, if it is about one.
    pub document_id: Option<String>,
    /// `list`, `link` or `file`.
    pub step: Option<String>,
    /// The status of the answer, if there was one.
    pub http_status: Option<u16>,
    /// In words.
    pub message: String,
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) process: Process,
    pub(crate) report: Option<Report>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_stands_for_an_exit_code() {
        let all = ["ok", "partial", "denied", "not_found", "unavailable", "contract_error", "local_error"];
        let code = |name: &str| serde_json::from_value::<Class>(Value::from(name)).unwrap().code();
        assert_eq!(all.map(code), [0, 10, 20, 21, 22, 23, 24]);
    }

    #[test]
    fn what_is_left_out_is_nothing_and_what_is_unknown_is_ignored() {
        let read: Report = serde_json::from_str(r#"{"type":"result","id":"j1","outcome":"ok","more":1}"#).unwrap();
        assert_eq!(read, Report::of(Class::Ok));
    }
}
