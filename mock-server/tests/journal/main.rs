//! The journal over real sockets: what it says, who may wait for it, and that it keeps every secret.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bodies;
mod changes;
mod forms;
mod reading;
mod secrets;
mod waiting;
#[expect(dead_code, reason = "the tests of sessions use more of it")]
#[path = "../sessions/wire.rs"]
mod wire;
