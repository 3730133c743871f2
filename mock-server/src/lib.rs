//! A fixture-driven, offline fake of the CrewPass Partner API.
//!
//! [`MockServer`] is the fake as a value, for Rust tests; the program `crewpass-mock` serves it for
//! all other clients. The way of a request: `endpoint` → `pipeline` → `check` → the handler, and
//! back through `reply` or `error`.
//!
//! The public API is what this file re-exports. The modules are private but for the feature
//! `internals`, with which this workspace's own tests and benchmarks read them.

// docs.rs shows the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// What only the command line or a test uses is unused in the library that an embedder builds.
#![cfg_attr(
    not(all(feature = "internals", feature = "cli")),
    allow(dead_code, unused_imports, unreachable_pub, clippy::allow_attributes, reason = "the modules are private")
)]

mod app_state;
mod body;
mod check;
mod compliance;
mod control;
mod cursor;
mod endpoint;
mod explain;
mod input;
mod listener;
#[cfg(feature = "cli")]
mod metrics;
mod mock;
mod negotiation;
mod notice;
mod origin;
mod pipeline;
mod positioned;
mod present;
mod regular_file;
mod reply;
mod request_body;
mod request_log;
mod split_mix64;
mod time_format;
mod webhook;

#[cfg(feature = "cli")]
pub mod cli;

cfg_if::cfg_if! {
    if #[cfg(feature = "internals")] {
        #[doc(hidden)]
        pub mod clause;
        #[doc(hidden)]
        pub mod clock;
        #[doc(hidden)]
        pub mod error;
        #[doc(hidden)]
        pub mod fault;
        #[doc(hidden)]
        pub mod http;
        #[doc(hidden)]
        pub mod journal;
        #[doc(hidden)]
        pub mod policy;
        #[doc(hidden)]
        pub mod request;
        #[doc(hidden)]
        pub mod scope;
        #[doc(hidden)]
        pub mod secret;
        #[doc(hidden)]
        pub mod session;
        #[doc(hidden)]
        pub mod token;
        #[cfg(feature = "watch")]
        #[doc(hidden)]
        pub mod watch;
        #[doc(hidden)]
        pub mod world;
    } else {
        mod clause;
        mod clock;
        mod error;
        mod fault;
        mod http;
        mod journal;
        mod policy;
        mod request;
        mod scope;
        mod secret;
        mod session;
        mod token;
        #[cfg(feature = "watch")]
        mod watch;
        mod world;
    }
}

#[cfg(feature = "tls")]
pub use self::http::{Authority, DEFAULT_NAMES, Leaf, TlsError, Validity};
pub use self::http::{HeaderNames, Limits, ServeOutcome, TlsConfig, Traffic};
pub use app_state::ControlAccess;
pub use clock::{Clock, OutOfRange};
pub use endpoint::EndpointName;
pub use fault::{BadFault, Fault, FaultReport, NotConsumed};
pub use journal::{Change, Entry, EntryKind, Exchange, Filter, Journal, KindFilter, Leak, StatusFilter};
pub use listener::{BindError, ListenOptions, Listener};
pub use mock::{Builder, MockServer, SESSION_IDLE};
pub use origin::Origins;
pub use policy::{BadPolicy, Policies};
pub use session::{ChangeError, CurrentDocument, Reach, Session, SessionSpec, Store, TooManySessions};
pub use webhook::WebhookSecret;
pub use world::{Problem, World, WorldError};

/// The README's Rust blocks are run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
