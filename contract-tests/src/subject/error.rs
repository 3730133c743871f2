//! What can go wrong with a subject that is not the client's behaviour.

use std::io;

use super::start::StartError;

/// Why a client could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// The command can't be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system did not let the gate follow it.
    #[error("following the client's process: {0}")]
    System(#[from] io::Error),
}
