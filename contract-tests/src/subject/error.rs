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
    /// The process of a session did not come to take jobs, or did not keep to the protocol.
    #[error("the session: {0}")]
    Session(String),
    /// The adapter of a session failed, not the client.
    #[error("the adapter of the client failed: {0}")]
    Adapter(String),
    /// Another job's deadline ended the process; this one is nobody's fault.
    #[error("the client's process was ended on account of another job")]
    Beside,
    /// The process ended before it was given this job.
    #[error("the client's process was gone before the job was given")]
    Gone,
    /// The system did not let the gate follow it.
    #[error("following the client's process: {0}")]
    System(#[from] io::Error),
}

impl SubjectError {
    /// Whether another job had the process end, so that this one can be given again.
    pub(crate) const fn is_of_another_job(&self) -> bool {
        matches!(self, Self::Beside | Self::Gone)
    }
}
