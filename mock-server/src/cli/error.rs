//! Everything that can end a command, with its exit code, and how it is printed: once, on stderr.

use std::path::PathBuf;

use crewpass_diagnostics::terminal;

use crate::http::TlsError;
use crate::policy::BadPolicy;
use crate::watch::WatchError;
use crate::world::WorldError;
use crate::{BadFault, BindError};

/// The code for a command line that can't be understood; clap ends with the same.
pub(crate) const USAGE: u8 = 2;

/// The widest column of text that problems are wrapped to.
const WIDEST: usize = 100;

/// Why a command ended without doing what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// An unknown policy, or a value that it does not have.
    #[error("{0}")]
    Policy(#[from] BadPolicy),
    /// Faults that don't go together.
    #[error("{0}")]
    Fault(#[from] BadFault),
    /// Arguments that don't go together.
    #[error("{0}")]
    Usage(String),
    /// Fault rules that can't be read.
    #[error("{0}")]
    Rules(WorldError),
    /// A world.
    #[error("{0}")]
    World(#[from] WorldError),
    /// The address.
    #[error("{0}; choose another with --bind, or --bind 127.0.0.1:0 for a free port")]
    Bind(#[from] BindError),
    /// A world that can't be watched.
    #[error("{0}")]
    Watch(#[from] WatchError),
    /// Certificates.
    #[error("can't make a certificate: {0}")]
    Tls(#[from] TlsError),
    /// The control API.
    #[error("{message}")]
    Control {
        /// The status of the answer, if there was one.
        status: Option<http::StatusCode>,
        /// What went wrong.
        message: String,
    },
    /// What a user demanded has not happened.
    #[error("{0}")]
    Unmet(String),
    /// A file.
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

impl CliError {
    /// Returns the exit code, as the help lists them.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Policy(_) | Self::Fault(_) | Self::Usage(_) | Self::Rules(_) | Self::Tls(_) => USAGE,
            Self::World(_) => 3,
            Self::Bind(_) => 4,
            Self::Unmet(_) => 1,
            Self::Control { .. } => 5,
            Self::File { .. } | Self::Watch(_) | Self::System(_) => 6,
        }
    }

    /// Prints it.
    #[expect(clippy::print_stderr, reason = "the command line is one of the two places that print")]
    pub(crate) fn print(&self) {
        match self {
            Self::World(error) | Self::Rules(error) => eprint!("{}", render(error)),
            other => eprintln!("crewpass-mock: {other}"),
        }
    }
}

/// Formats the problems of a world for the terminal of stderr.
pub(crate) fn render(error: &WorldError) -> String {
    error.render(terminal::has_color(&std::io::stderr()), terminal::width(WIDEST).min(WIDEST))
}
