//! Errors of a run that are not the client's behaviour.

use std::io;

/// The reason why the command of a client can't be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The command is empty.
    #[error("no command is given: write it after `--`")]
    Empty,
    /// No such file, or no command with that name on the path.
    #[error("`{0}` was not found: {1}")]
    NotFound(String, &'static str),
    /// A command and its arguments in one word.
    #[error(
        "`{0}` was not found: it is one word, and no shell splits it. Leave out the quotes around it: `-- {0}`, or one \
         word each in the manifest"
    )]
    OneWord(String),
    /// The file has no execute permission.
    #[error("`{0}` is not executable: run `chmod +x` on it, or put its interpreter in front of it")]
    NotExecutable(String),
    /// The first line names an interpreter that does not exist.
    #[error("`{command}` needs the interpreter `{interpreter}`, which does not exist")]
    NoInterpreter {
        /// The command.
        command: String,
        /// The interpreter in the first line of the file.
        interpreter: String,
    },
    /// The file is not a program that this system can run.
    #[error("this system can't run `{0}`: a script needs a first line such as `#!/bin/sh`")]
    Format(String),
    /// Any other error of the system.
    #[error("`{command}` can't be started: {source}")]
    Other {
        /// The command.
        command: String,
        /// The system's error.
        source: io::Error,
    },
}

/// The reason why a client could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// The command can't be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The process of a session did not become ready, or broke the protocol.
    #[error("the session: {0}")]
    Session(String),
    /// The adapter of a session failed, not the client.
    #[error("the adapter of the client failed: {0}")]
    Adapter(String),
    /// The deadline of another job ended the process; this job is not at fault.
    #[error("the client's process was ended because of another job")]
    Beside,
    /// The process ended before it received this job.
    #[error("the client's process ended before it received the job")]
    Gone,
    /// The system refused an operation on the client's process.
    #[error("the client's process can't be followed: {0}")]
    System(#[from] io::Error),
}

impl SubjectError {
    /// Returns true if another job ended the process, so that this job can be sent again.
    pub(crate) const fn is_of_another_job(&self) -> bool {
        matches!(self, Self::Beside | Self::Gone)
    }
}
