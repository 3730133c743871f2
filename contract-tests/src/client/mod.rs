//! The client gate: plans cases, runs the client in them, witnesses what it did, and judges it.

pub mod at_once;
pub mod case;
pub(crate) mod credential;
pub mod in_process;
pub mod judge;
pub mod observability;
pub mod plan;
pub mod play;
mod queue;
pub mod run;
pub mod scenario;
pub mod task;
mod tests_macro;
pub mod transport;
pub mod trap;
pub mod witness;
