//! The limits of a connection, and the reason for each default.

use std::time::Duration;

/// The limits of a connection. They are few on purpose: a fake that closes connections for its own
/// reasons hides the client's faults.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The time that a request head may take, counted from the connection's start for the first one
    /// (including the TLS handshake) and from its first byte for each later one. Time between two
    /// requests is not counted. Those who read a request's body allow the same time. Default 8 s, so
    /// that a trickled head ends before 10 s have passed.
    pub header_timeout: Duration,
    /// The size limit of a request head in bytes; a longer one gets 431. Default 16 KiB, as common
    /// servers have.
    pub max_head_bytes: usize,
    /// The number of header lines that a head may have; more get 431. Default 100, which hyper
    /// keeps on the stack: any other number costs an allocation per request. HTTP/2 has only the
    /// limit on bytes.
    pub max_headers: usize,
    /// The time that requests in flight have after a shutdown signal before they are aborted.
    /// Default 5 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(8),
            max_head_bytes: 16 * 1024,
            max_headers: HYPER_MAX_HEADERS,
            drain: Duration::from_secs(5),
        }
    }
}

/// The number of header lines that hyper keeps without an allocation.
pub(super) const HYPER_MAX_HEADERS: usize = 100;
