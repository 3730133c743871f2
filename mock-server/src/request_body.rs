//! The body of a request. It is read up to the limit; more is thrown away as it comes, so that the caller reads the
//! answer and not a broken connection.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

/// The largest body of a request, in bytes (D).
const MAX_BYTES: usize = 64 << 10;

/// The number of bytes after which the rest of a body is left unread.
const MAX_READ: u64 = 16 << 20;

/// The pace of a body in bytes per second, once its start was in time.
const MIN_BYTES_PER_SECOND: u64 = 16 << 10;

/// A body that was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestBody {
    /// The bytes; none if there are too many.
    pub(crate) bytes: Bytes,
    /// Is true if the body is over the limit.
    pub(crate) is_too_large: bool,
}

impl RequestBody {
    /// Reads a body, which may be late by `slack`. One that breaks off, or comes too slowly, counts as empty.
    pub(crate) async fn read(mut body: Incoming, slack: Duration) -> Self {
        let (begun, mut received, mut bytes) = (Instant::now(), 0_u64, BytesMut::new());
        while received <= MAX_READ {
            let until = begun + slack + Duration::from_secs(received / MIN_BYTES_PER_SECOND);
            let Ok(frame) = timeout_at(until, body.frame()).await else { return Self::default() };
            let Some(frame) = frame else { break };
            let Ok(frame) = frame else { return Self::default() };
            // Trailers are not data.
            let Ok(piece) = frame.into_data() else { continue };
            received += piece.len() as u64;
            if received <= MAX_BYTES as u64 {
                bytes.extend_from_slice(&piece);
            }
        }
        let is_too_large = received > MAX_BYTES as u64;
        Self { bytes: if is_too_large { Bytes::new() } else { bytes.freeze() }, is_too_large }
    }
}

impl From<&str> for RequestBody {
    fn from(text: &str) -> Self {
        let is_too_large = text.len() > MAX_BYTES;
        Self { bytes: if is_too_large { Bytes::new() } else { Bytes::copy_from_slice(text.as_bytes()) }, is_too_large }
    }
}
