//! The document of the API: the fake is held to it both ways, and so are the guide's examples and the contract's clauses.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cases;
mod clauses;
mod described;
mod examples;
mod served;

/// The stories that the judges are tested with.
#[path = "../judge/case_builder.rs"]
#[expect(dead_code, clippy::needless_pass_by_value, reason = "as in the judges' own tests, which use the rest")]
mod case_builder;
