//! The gate for servers: the fake keeps every clause, and each broken server is caught by the clauses named for it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;
mod binary_run;
mod broken;
mod bugs;
mod expectation;
mod kept;
mod manners;
mod parts;
mod proxy;
mod stage;
