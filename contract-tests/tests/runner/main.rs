//! The runner, with real clients: what it sees of them, and that nothing of them is left.
//!
//! It is a binary alone: a test sends SIGTERM to its own process, and another adopts orphans.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod ends;
mod harness;
mod leftovers;
mod pool;
mod session;
mod start;
mod steps;
mod tls;
mod transcript;
