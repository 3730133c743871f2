//! An answer that refuses: its code, and how long it asks to wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::Value;

use crate::bugs::Bug;
use crate::failure::{Again, Failure};

/// A wait that is far longer than any job: variants that wait for it do so for ever.
pub(crate) const FAR: Duration = Duration::from_hours(24 * 365 * 1_000);

/// The most of a refusal's body that is read.
pub(crate) const LARGEST: usize = 64 << 10;

/// Returns the failure of a refused request. The body need not be an error envelope.
pub(crate) fn failure(status: u16, headers: &HeaderMap, body: &[u8], bug: Option<Bug>) -> Failure {
    let envelope = serde_json::from_slice::<Value>(body).ok();
    let error = envelope.as_ref().map(|envelope| &envelope["error"]);
    if bug == Some(Bug::OddErrorKills) && !error.is_some_and(Value::is_object) {
        std::process::abort();
    }
    if bug == Some(Bug::NeedsRequestId) && headers.get("x-request-id").is_some_and(HeaderValue::is_empty) {
        std::process::abort();
    }
    let code = error.and_then(|error| error["code"].as_str()).filter(|code| is_code(code)).map(str::to_owned);
    let asked = error.and_then(|error| error["retry_after_seconds"].as_f64());
    let is_no_number =
        error.is_some_and(|error| error.get("retry_after_seconds").is_some_and(|wait| !wait.is_number()));
    if bug == Some(Bug::ChokesOnBodyWait) && is_no_number {
        return Failure::contract("a retry_after_seconds that is no number");
    }
    let in_body = asked.filter(|_| bug != Some(Bug::IgnoresRetryBody)).and_then(seconds);
    if bug == Some(Bug::ChokesOnRetryAfter) && headers.contains_key(RETRY_AFTER) && in_header(headers, bug).is_none() {
        return Failure::contract("a Retry-After that can't be read");
    }
    let wait = in_body.unwrap_or_default().max(in_header(headers, bug).unwrap_or_default());
    let failure = Failure::refused(status, code, wait);
    let is_over = bug == Some(Bug::HotWithoutWait) && headers.contains_key(RETRY_AFTER) && wait.is_zero();
    Failure { again: if is_over { Again::AtOnce } else { failure.again }, ..failure }
}

/// Returns true if a text looks like an error code, so that it may be printed.
fn is_code(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// Reads `Retry-After`, in seconds or as a date.
fn in_header(headers: &HeaderMap, bug: Option<Bug>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if bug == Some(Bug::IgnoresRetryAfter) {
        return None;
    }
    if let Ok(whole) = text.parse::<u32>() {
        return Some(Duration::from_secs(whole.into()));
    }
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if bug == Some(Bug::WaitsAfterOverflow) && is_number && text.parse::<u64>().is_err() {
        return Some(FAR);
    }
    if bug == Some(Bug::IgnoresRetryDate) {
        return None;
    }
    let date = httpdate::parse_http_date(text).ok()?;
    date.duration_since(SystemTime::now()).ok()
}
