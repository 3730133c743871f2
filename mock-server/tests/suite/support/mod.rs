//! Helpers that more than one area uses: a fake in the test's process, the executable, clients and raw connections.

pub(crate) mod completion;
pub(crate) mod executable;
pub(crate) mod fake;
pub(crate) mod http_client;
pub(crate) mod needs;
pub(crate) mod raw;
