//! The runner of properties that share a server.

use proptest::test_runner::{Config, TestRunner};

/// Returns a runner of `cases` cases; a failure is printed with its input and saved to no file.
pub(crate) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}
