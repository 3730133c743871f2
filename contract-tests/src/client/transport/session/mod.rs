//! The session transport: one process that keeps running, and receives its jobs as lines of JSON on
//! standard input.
//!
//! `protocol` has the lines, `keeper` owns one process from start to end, and `client` starts the
//! process again when it has ended.

mod client;
mod keeper;
mod lines;
mod protocol;

pub(crate) use client::JobPermit;
pub use client::Session;
pub use protocol::{About, Ready};
