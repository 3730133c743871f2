//! Everything that can end a command, with its exit code.

use std::path::PathBuf;

use crate::client::plan::PlanError;
use crate::client::run::HarnessError;
use crate::client::transport::SubjectError;
use crate::report::BadReport;
use crate::requirement::CatalogueError;
use crate::text::Problems;

/// The code for a command line that can't be carried out; clap ends with the same.
pub(crate) const USAGE: u8 = 2;

/// The code for a gate that broke.
pub(crate) const BROKEN: u8 = 4;

/// Why a command ended without a verdict.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Arguments that don't go together, or a selection that matches nothing.
    #[error("{0}")]
    Usage(String),
    /// An id or a version that is not known.
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
    /// A selection that matches nothing.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// A report that can't be merged.
    #[error("{0}")]
    Report(#[from] BadReport),
    /// The gate itself.
    #[error("{0}")]
    Gate(String),
    /// Files of the caller that are wrong.
    #[error("{0}")]
    Text(#[from] Problems),
    /// A file that can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The process itself.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl From<HarnessError> for CliError {
    /// A client that never comes to take a job is the caller's mistake; all else is the gate's.
    fn from(error: HarnessError) -> Self {
        match error {
            HarnessError::Subject(SubjectError::Start(_) | SubjectError::Session(_)) => Self::Usage(error.to_string()),
            other => Self::Gate(other.to_string()),
        }
    }
}

impl CliError {
    /// The exit code, as the help lists them.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Catalogue(CatalogueError::Broken(_)) | Self::System(_) | Self::Gate(_) => BROKEN,
            Self::Usage(_)
            | Self::Catalogue(_)
            | Self::Plan(_)
            | Self::Report(_)
            | Self::Text(_)
            | Self::File { .. } => USAGE,
        }
    }
}
