//! What can go wrong with a case that is not the client's fault.

use std::io;

use super::StopSignal;
use crate::client::transport::SubjectError;

/// Why a case could not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// The client could not be run; where its command can't be started, that is a mistake of the command line.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The scenario can't be played as it is written.
    #[error("scenario `{scenario}`: {problem}")]
    Scenario {
        /// Its id.
        scenario: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The fake could not be set up.
    #[error("the fake could not be set up: {0}")]
    Fake(String),
    /// The address that the caller named can't be used.
    #[error("{0}; name another address with `--bind`, or port 0 for a free one")]
    Address(String),
    /// The system did not let the gate do its work.
    #[error("{doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A signal stopped the gate.
    #[error("stopped by a signal")]
    Stopped(StopSignal),
}

impl HarnessError {
    /// Returns a function for `map_err` that creates the error of a system call.
    pub(crate) fn while_doing(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }

    /// Returns a function for `map_err` that creates the error of a scenario.
    pub(crate) fn in_scenario<E: std::fmt::Display>(scenario: &str) -> impl Fn(E) -> Self {
        move |problem| Self::Scenario { scenario: scenario.to_owned(), problem: problem.to_string() }
    }
}

impl From<tokio::task::JoinError> for HarnessError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::System { doing: "waiting for a task of the gate", source: error.into() }
    }
}
