//! A fixture-driven, offline fake of the CrewPass documents API.
//!
//! [`MockServer`] is the fake as a value, for Rust tests; the binary `crewpass-mock` is the same for everybody else.
//! The way of a request: `router` → `api` → `checks` → `session`, and back through `error`.

mod api;
mod app;
pub mod ask;
mod body;
pub mod checks;
pub mod clause;
pub mod clock;
mod control;
mod entrance;
pub mod error;
mod exchange;
mod explain;
pub mod fault;
pub mod journal;
mod link_checks;
mod mock;
mod path;
pub mod policy;
mod reply;
mod router;
pub mod scope;
mod scramble;
pub mod secret;
pub mod session;
mod stamp;
pub mod token;
pub mod watch;
pub mod wire;
pub mod world;

pub use app::Gate;
pub use entrance::{BindError, Entrance};
pub use fault::{BadFault, Fault, FaultReport};
pub use journal::{Exchange, Journal};
pub use mock::{Builder, MockServer, SESSION_IDLE};

/// The README's Rust blocks are run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
