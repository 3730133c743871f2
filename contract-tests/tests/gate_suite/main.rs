//! Every test of the gate that can share a process with the others: one binary, so that one is linked.
//!
//! A folder is an area. What more than one area needs is in `support`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod document;
mod gate;
mod in_process;
mod judge;
mod mutant_judges;
mod properties;
mod property;
mod receiver;
mod reference;
mod robustness;
mod scenario_lint;
mod sender;
mod server;
mod support;
