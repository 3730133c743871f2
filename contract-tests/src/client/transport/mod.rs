//! Transports: the ways to reach a client under test. A client is a command, a process that is asked over its standard
//! input, or a Rust value in this process.

mod deadline;
mod environment;
mod error;
mod exec;
mod group;
mod in_process;
mod kind;
mod leaders;
mod memory;
mod process;
mod prompted;
mod report;
mod service;
mod session;
mod start;
mod stragglers;
mod streams;
mod watchdog;

pub use deadline::{Deadline, Patience, QuietTime};
pub use environment::ClientEnv;
pub use error::{StartError, SubjectError};
pub use exec::Exec;
pub use in_process::{Blocking, Client, InProcess, Job};
pub(crate) use kind::RunPermit;
pub use kind::Transport;
pub use leaders::adopt_orphans;
pub use process::Bounds;
pub use prompted::{Prepared, Prompt, Prompted};
pub(crate) use report::RunResult;
pub use report::{Class, Report, ReportedError, ReportedFile};
pub(crate) use service::run_service;
pub use session::{About, Ready, Session};
pub(crate) use watchdog::guard_folder;
