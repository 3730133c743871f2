//! The runner: it puts a client into a scenario and keeps what the witnesses saw.
//!
//! One fake serves every case. Each case has its own session and key, its own listeners (so that a request without a key
//! can be assigned to it), and a sandbox. `play` runs one case, `all` several at once.

mod actions;
mod activity;
mod all;
mod bomb;
mod case_env;
mod error;
mod expected;
mod fake;
mod limits;
mod listeners;
mod memory;
mod observe;
mod options;
mod owner;
mod pace;
mod placeholders;
mod plain_host;
mod planted;
mod play;
mod pool;
mod sandbox;
mod silent;
mod stop;
mod validate;
mod wire;

pub use all::{Event, Job, Played, play_all};
pub use error::HarnessError;
pub(crate) use expected::documents_of;
pub use fake::Fake;
pub(crate) use memory::in_memory;
pub use observe::{Served, observe};
pub use options::Options;
pub use owner::sweep;
pub use pace::Pace;
pub use plain_host::{BadPlainHost, PlainHost};
pub use play::{Variant, play, play_alone};
pub(crate) use sandbox::SANDBOX;
pub use sandbox::Sandbox;
pub(crate) use stop::is_stopping;
pub use stop::{StopSignal, begin_stop, stop_signal, until_stopped};
#[cfg(test)]
pub(crate) use validate::effect_of_fault;
pub use validate::{PolicyProblem, WorldProblem, fault_problem, keys_of_world, policy_names, policy_problem};
