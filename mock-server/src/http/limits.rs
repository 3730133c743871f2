//! The bounds a connection lives in, and why each has its default.

use std::time::Duration;

/// What a connection may take before it is ended. They are few on purpose: a fake that closes on a client for reasons
/// of its own hides the client's faults.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a request head may take, counted from the connection's start for the first one (TLS handshake
    /// included) and from its first byte for each later one. Waiting between two requests is not counted. 8 s, so that
    /// a head that trickles is surely gone before 10 s are over.
    pub header_timeout: Duration,
    /// How long a request head may be; a longer one gets 431. 16 KiB, what common servers take.
    pub max_head_bytes: usize,
    /// How many header lines a head may have; more get 431. 100 is what hyper keeps on the stack: any other number
    /// costs an allocation a request. HTTP/2 has only the limit on bytes.
    pub max_headers: usize,
    /// How long requests in flight may go on once the server is told to stop; then they are cut off. 5 s.
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
