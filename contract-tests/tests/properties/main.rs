//! What holds for any input: one file a suite. Each is short enough to be run with every other test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

#[path = "../judge/case_builder.rs"]
#[expect(dead_code, clippy::needless_pass_by_value, reason = "the judges' own tests come first, and need more of it")]
mod case_builder;
mod ids;
mod judges;
mod noise;
mod reports;
mod shrinking;
mod texts;
mod tokens;
mod wire;
mod worlds;

use proptest::test_runner::{Config, TestRunner};

/// Of so many cases, for what shares a server; a failure is told with its input and put into no file.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}
