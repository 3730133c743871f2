//! The API over real sockets: its answers byte for byte, the order of its checks, its clock, its links and its policies.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod goldens;
mod order;
mod refusals;
mod time;
mod wire;
