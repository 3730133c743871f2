//! The errors that end a command, with their exit codes.

use std::path::PathBuf;

use crate::client::plan::PlanError;
use crate::client::run::{HarnessError, StopSignal};
use crate::client::transport::SubjectError;
use crate::report::BadReport;
use crate::requirement::CatalogueError;
use crewpass_diagnostics::Problems;

/// The exit code of a wrong command line; clap uses the same.
pub(crate) const USAGE: u8 = 2;

/// The exit code of a failure of this tool.
pub(crate) const BROKEN: u8 = 4;

/// The reason why a command ended without a verdict.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Arguments that do not fit together.
    #[error("{0}")]
    Usage(String),
    /// An unknown version, or a built-in catalogue that can't be read.
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
    /// A selection that matches nothing, or has an unknown name.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// A report that can't be merged.
    #[error("{0}")]
    Report(#[from] BadReport),
    /// A failure of this tool.
    #[error("{0}")]
    Gate(String),
    /// Problems in the user's files.
    #[error("{0}")]
    Text(#[from] Problems),
    /// A file that can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file's path.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// Standard output can't be written.
    #[error("standard output can't be written: {0}")]
    Stdout(std::io::Error),
    /// A signal ended the tool before it had a verdict.
    #[error("stopped by a signal")]
    Stopped(StopSignal),
    /// An error of the system.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl From<HarnessError> for CliError {
    /// Converts a runner's error. A client that never becomes ready, and an address that is taken, are the caller's
    /// mistakes; other errors are the tool's.
    fn from(error: HarnessError) -> Self {
        match error {
            HarnessError::Subject(SubjectError::Start(_) | SubjectError::Session(_)) | HarnessError::Address(_) => {
                Self::Usage(error.to_string())
            }
            HarnessError::Stopped(signal) => Self::Stopped(signal),
            other => Self::Gate(other.to_string()),
        }
    }
}

impl CliError {
    /// Returns the exit code, as in the help.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Stopped(signal) => signal.code(),
            Self::Catalogue(CatalogueError::Broken(_)) | Self::System(_) | Self::Gate(_) => BROKEN,
            Self::Usage(_)
            | Self::Catalogue(_)
            | Self::Plan(_)
            | Self::Report(_)
            | Self::Text(_)
            | Self::File { .. }
            | Self::Stdout(_) => USAGE,
        }
    }
}
