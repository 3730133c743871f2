//! A fixture-driven, offline fake of the CrewPass documents API.
//!
//! [`MockServer`] is the fake as a value, for Rust tests; the binary `crewpass-mock` is the same for everybody else.
//! The way of a request: `router` → `api` → `checks` → `session`, and back through `error`.

mod app;
mod body;
pub mod checks;
pub mod clause;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
mod control;
mod endpoint;
pub mod error;
mod explain;
pub mod fault;
pub mod http;
pub mod journal;
mod link_checks;
mod listener;
mod mock;
mod path;
mod pipeline;
pub mod policy;
mod reply;
pub mod request;
mod router;
pub mod scope;
pub mod secret;
pub mod session;
mod split_mix64;
mod time_format;
pub mod token;
#[cfg(feature = "watch")]
pub mod watch;
pub mod world;

pub use app::ControlAccess;
pub use fault::{BadFault, Fault, FaultReport};
pub use journal::{Exchange, Journal};
pub use listener::{BindError, Listener};
pub use mock::{Builder, MockServer, SESSION_IDLE};

/// The README's Rust blocks are run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
