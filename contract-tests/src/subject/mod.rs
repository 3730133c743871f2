//! Subjects: how a client under test is reached. Never by its code: by a command, its environment and HTTP.

mod environment;
mod error;
mod exec;
mod group;
mod memory;
mod process;
mod start;
mod stragglers;
mod streams;

pub use environment::Told;
pub use error::SubjectError;
pub use exec::Exec;
pub use process::Bounds;
pub use start::StartError;
pub use stragglers::adopt_orphans;
