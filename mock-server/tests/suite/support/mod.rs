//! Helpers that more than one area uses: a fake in the test's process, the executable, and raw connections.

pub(crate) mod executable;
pub(crate) mod fake;
pub(crate) mod raw;
