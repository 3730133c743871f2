//! What holds for any input: one file a suite. Each is short enough to be run with every other test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod texts;
mod worlds;
