//! Faults over real sockets: each knob of a rule has a test that fails where the knob is ignored.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod broken;
mod control;
mod embedded;
mod front;
mod many;
mod refused;
mod when;
mod wire;
