//! A file that broke off: what came of it, so that the next try may ask for the rest alone.

use reqwest::Response;
use reqwest::header::{ACCEPT_RANGES, CONTENT_RANGE, ETAG, HeaderValue};

use crate::bugs::Bug;
use crate::failure::Failure;
use crate::http::Http;

/// The most that is kept of a file; of a larger one everything is asked for again.
const MOST: usize = 1 << 20;

/// The first bytes of a file, and the version that they belong to.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) bytes: Vec<u8>,
    /// The strong entity tag.
    pub(crate) tag: HeaderValue,
}

/// Returns the bytes that come before those of an answer: none if it is the whole file.
pub(crate) fn bytes_before(http: &Http, answer: &Response) -> Result<Vec<u8>, Failure> {
    let begun = http.begun.take();
    let Some(Begun { bytes, tag }) = begun else { return Ok(Vec::new()) };
    if answer.status() != 206 {
        return Ok(if http.has(Bug::AppendsWhole) { bytes } else { Vec::new() });
    }
    let same_version = answer.headers().get(ETAG) == Some(&tag);
    if !same_version && !http.has(Bug::AppendsOtherVersion) {
        return Err(Failure::broken("the rest of another version"));
    }
    if first_byte(answer) != Some(bytes.len()) && !http.has(Bug::AppendsAnyRange) {
        return Err(Failure::broken("another range than the one that was asked for"));
    }
    Ok(if http.has(Bug::SavesTail) { Vec::new() } else { bytes })
}

/// Returns the first byte that a `Content-Range` names.
fn first_byte(answer: &Response) -> Option<usize> {
    let range = answer.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Returns the tag of a version whose rest can be asked for.
pub(crate) fn tag_of(http: &Http, answer: &Response) -> Option<HeaderValue> {
    let tag = answer.headers().get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
    let ranges = answer.headers().get(ACCEPT_RANGES).is_some_and(|unit| unit == "bytes");
    let unseen = http.has(Bug::AppendsWhole).then(|| HeaderValue::from_static("\"\""));
    tag.filter(|_| ranges).cloned().or(unseen)
}

/// Remembers what came, unless it is too much or nothing.
pub(crate) fn remember(http: &Http, bytes: Vec<u8>, tag: Option<HeaderValue>) {
    let is_kept = (1..=MOST).contains(&bytes.len());
    http.begun.replace(tag.filter(|_| is_kept).map(|tag| Begun { bytes, tag }));
}

/// Returns true if a part of this length is worth keeping.
pub(crate) fn fits(length: usize) -> bool {
    length <= MOST
}
