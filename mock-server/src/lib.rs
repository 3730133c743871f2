//! A fixture-driven, offline fake of the CrewPass documents API.
//!
//! [`MockServer`] is the fake as a value, for Rust tests; the binary `crewpass-mock` is the same for everybody else.
//! The way of a request: `endpoint` → `pipeline` → `check` → the handler, and back through `reply` or `error`.

mod app;
mod body;
mod check;
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
mod listener;
mod mock;
mod pipeline;
pub mod policy;
mod reply;
pub mod request;
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
pub use endpoint::EndpointName;
pub use fault::{BadFault, Fault, FaultReport};
pub use journal::{Exchange, Journal};
pub use listener::{BindError, Listener};
pub use mock::{Builder, MockServer, SESSION_IDLE};

/// The README's Rust blocks are run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
