//! Bodies of control requests: each has to keep a pace, so that none holds a connection by a byte now and then.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::Problem;

/// The pace of a body in bytes per second, once its start was in time.
const MIN_BYTES_PER_SECOND: u64 = 16 << 10;

/// The largest body that is read as JSON, in bytes.
const MAX_JSON_BYTES: usize = 2 << 20;

/// A body that has to keep a pace.
pub(super) struct PacedBody {
    body: Body,
    begun: Instant,
    /// The time that the body may be late.
    slack: Duration,
    received: u64,
}

impl PacedBody {
    pub(super) fn new(body: Body, slack: Duration) -> Self {
        Self { body, begun: Instant::now(), slack, received: 0 }
    }

    /// Returns the number of bytes that were received.
    pub(super) const fn received(&self) -> u64 {
        self.received
    }

    /// Returns the next piece, or `None` at the end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            let paced = Duration::from_secs(self.received / MIN_BYTES_PER_SECOND);
            let until = self.begun + self.slack + paced;
            let Ok(frame) = timeout_at(until, self.body.frame()).await else {
                return Err(Problem::request_timeout("the body comes too slowly"));
            };
            let Some(frame) = frame else { return Ok(None) };
            let broken_off = |error| Problem::bad_request(format!("the body broke off: {error}"));
            // Trailers are not data.
            let Ok(piece) = frame.map_err(broken_off)?.into_data() else { continue };
            self.received += piece.len() as u64;
            return Ok(Some(piece));
        }
    }

    /// Reads a body whole, to be read as JSON.
    pub(super) async fn whole(self) -> Result<Vec<u8>, Problem> {
        self.whole_within(MAX_JSON_BYTES).await
    }

    /// Reads a body whole, if it has `most` bytes at most.
    pub(super) async fn whole_within(mut self, most: usize) -> Result<Vec<u8>, Problem> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            if whole.len() + piece.len() > most {
                return Err(Problem::too_large(format!("a body of JSON may have {most} bytes at most here")));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}
