//! The documented rate limit of reads.

/// The requests that a second allows.
const PER_SECOND: f64 = 60.0;
/// The requests that a minute allows.
const PER_MINUTE: usize = 1_000;

/// Returns true if this number of requests within this number of seconds is over the limit, wherever its windows begin.
#[expect(clippy::cast_precision_loss, reason = "a burst is short")]
pub(super) fn exceeds_limit(sent: usize, took: f64) -> bool {
    sent as f64 > PER_SECOND * (1.0 + took) || (sent > PER_MINUTE && took < 60.0)
}
