//! Sessions that share one server, and replicas that honour each other's links, over raw connections.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod many;
mod sessions;
mod tokens;
mod wire;
