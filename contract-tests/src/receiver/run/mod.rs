//! Plays the scenarios: starts the fake and the receiver, delivers, and records what happens.

mod delivery;
mod fake;
mod leak;
mod play;
mod play_order;
mod port;
mod prompt;
mod run_all;
mod saved;
mod scenario_run;
mod script;
mod script_forms;
mod script_order;
mod sender;
mod service;

pub(in crate::receiver) use fake::Fake;
pub use play_order::PlayedOrder;
pub(in crate::receiver) use play_order::play_order;
pub use prompt::ByDelivery;
pub use run_all::{Options, run, run_until};
