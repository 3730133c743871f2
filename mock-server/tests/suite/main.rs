//! Every test of the fake that can share a process with the others: one binary, so that one is linked.
//!
//! A folder is an area. What more than one area needs is in `support`.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod api;
mod binary;
mod console;
mod control;
mod explain;
mod faults;
mod journal;
mod machine;
mod repo_rules;
mod sessions;
mod support;
mod webhooks;
mod worlds;
