//! The session way: one process that stays, told its jobs as lines of JSON on its standard input.
//!
//! `protocol` is what the lines say, `keeper` sees to one process from its start to its end, `client` is the subject:
//! it starts the process again when it has ended.

mod client;
mod keeper;
mod lines;
mod protocol;

pub use client::Session;
pub(crate) use client::Turn;
pub use protocol::{About, Ready};
