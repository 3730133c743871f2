//! What can go wrong with a subject that is not the client's behaviour.

use std::io;

/// Why the command of a client can't be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is none.
    #[error("no command is given: write it behind `--`")]
    Empty,
    /// No such file, or none of that name on the path.
    #[error("`{0}` is not found: {1}")]
    NotFound(String, &'static str),
    /// It may not be executed.
    #[error("`{0}` is not executable: give it the permission (chmod +x), or name its interpreter in front of it")]
    NotExecutable(String),
    /// Its first line names an interpreter that is not there.
    #[error("`{command}` needs the interpreter `{interpreter}`, which is not there")]
    NoInterpreter {
        /// The command.
        command: String,
        /// What its first line says.
        interpreter: String,
    },
    /// It is no program of this system.
    #[error("`{0}` can't be run by this system: a script needs a first line such as `#!/bin/sh`")]
    Format(String),
    /// Anything else.
    #[error("`{command}` can't be started: {source}")]
    Other {
        /// The command.
        command: String,
        /// What the system said.
        source: io::Error,
    },
}

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
