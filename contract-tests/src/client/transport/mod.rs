//! Subjects: how a client under test is reached. Never by its code: by a command, its environment and HTTP.

mod environment;
mod error;
mod exec;
mod group;
mod in_process;
mod kind;
mod memory;
mod process;
mod report;
mod session;
mod start;
mod stragglers;
mod streams;

pub use environment::ClientEnv;
pub use error::{StartError, SubjectError};
pub use exec::Exec;
pub use in_process::{Blocking, Client, InProcess, Job};
pub(crate) use kind::Place;
pub use kind::Transport;
pub use process::Bounds;
pub(crate) use report::Ran;
pub use report::{Class, Report, ReportedError, ReportedFile};
pub use session::{About, Ready, Session};
pub use stragglers::adopt_orphans;
