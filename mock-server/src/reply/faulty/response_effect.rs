//! Execution of the effects on a response: its JSON, coding, type, and the transfer of its body.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::Value;

use super::super::file_body::Once;
use super::body::{Broken, Drips, End, First, SpendsLink, WithoutLength};
use crate::body::{Body, Response};
use crate::fault::{Announced, Filling, ResponseEffect, Template};
use crate::http::ConnectionHandle;

/// Executes effects on a response, in their order. A link that works once is spent when the last byte of the changed
/// body has been sent.
pub(crate) async fn execute_on_response(
    mut response: Response,
    effects: &[Arc<ResponseEffect>],
    line: &ConnectionHandle,
    once: Option<Once>,
) -> Response {
    for effect in effects {
        response = match &**effect {
            ResponseEffect::Json(change) => rewrite_json(response, |document| change.apply(document)).await,
            ResponseEffect::Link(to) => rewrite_json(response, |document| replace_link(document, to.as_ref())).await,
            ResponseEffect::Malformed => malform(response).await,
            ResponseEffect::Truncated(length) => truncate(response, *length).await,
            ResponseEffect::Gzip(_) => gzip(response).await,
            // Done before the link was signed, or the range was read.
            ResponseEffect::Expire | ResponseEffect::Range(_) => response,
            ResponseEffect::OtherVersion => other_version(response).await,
            ResponseEffect::Body(body) => with_body(response, body.0.clone()),
            ResponseEffect::Headers(change) => {
                change.remove.iter().for_each(|name| drop(response.headers_mut().remove(name)));
                response.headers_mut().extend(change.set.clone());
                response
            }
            ResponseEffect::ContentType(kind) => {
                response.headers_mut().insert(CONTENT_TYPE, kind.clone());
                response
            }
            ResponseEffect::StallAfter(after) => break_off(response, *after, End::Stall, line.clone()),
            ResponseEffect::Cut(cut) => {
                let end = End::Cut(cut.how);
                let mut response = break_off(response, cut.after, end, line.clone());
                match cut.announced {
                    Announced::Whole => {}
                    Announced::Other(length) => {
                        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
                    }
                    Announced::Chunks => drop(response.headers_mut().remove(CONTENT_LENGTH)),
                }
                response
            }
            ResponseEffect::Drip(drip) => {
                let drip = *drip;
                response.map(|inner| Body::new(Drips { inner, drip, held: Bytes::new(), pause: None }))
            }
            ResponseEffect::Chunked => {
                response.headers_mut().remove(CONTENT_LENGTH);
                response.map(|inner| Body::new(WithoutLength(inner)))
            }
        };
    }
    match once {
        Some(once) => response.map(|inner| Body::new(SpendsLink { inner, once })),
        None => response,
    }
}

/// Returns true if the token of a link is to be dead at once, which is decided before it is signed.
pub(super) fn ends_link(effects: &[Arc<ResponseEffect>]) -> bool {
    effects.iter().any(|effect| **effect == ResponseEffect::Expire)
}

/// Returns the number of bytes by which a range is moved, which is decided before it is read.
pub(super) fn moved_range(effects: &[Arc<ResponseEffect>]) -> Option<u64> {
    effects.iter().find_map(|effect| match &**effect {
        ResponseEffect::Range(range) => Some(range.earlier),
        _ => None,
    })
}

/// The number of bytes at the start of a file that its other version has, too: they say what kind of file it is.
const SAME_START: usize = 16;

/// Makes a version of the file of the same length, with other bytes and another entity tag.
async fn other_version(mut response: Response) -> Response {
    let bytes = read_body(std::mem::take(response.body_mut())).await;
    let other = bytes.iter().enumerate().map(|(at, byte)| if at < SAME_START { *byte } else { !byte });
    let other = other.collect::<Vec<_>>().into();
    if let Some(tag) = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned) {
        let tag = HeaderValue::from_str(&format!("{}-other\"", tag.trim_end_matches('"')));
        if let Ok(tag) = tag {
            response.headers_mut().insert(ETAG, tag);
        }
    }
    with_body(response, other)
}

/// Reads the whole body; one that breaks while it is read is empty, as it would be on the wire.
async fn read_body(body: Body) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}

fn with_body(mut response: Response, bytes: Bytes) -> Response {
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    *response.body_mut() = Body::from(bytes);
    response
}

async fn rewrite_json(mut response: Response, rewrite: impl FnOnce(&mut Value)) -> Response {
    let bytes = read_body(std::mem::take(response.body_mut())).await;
    let mut document = serde_json::from_slice(&bytes).unwrap_or_default();
    rewrite(&mut document);
    with_body(response, super::super::to_json(&document))
}

fn replace_link(document: &mut Value, link: Option<&Template>) {
    let url = document["download_url"].as_str().unwrap_or_default().to_owned();
    let host = url.find("://").map_or(0, |at| at + 3);
    let (base, path) = url.split_at(url[host..].find('/').map_or(url.len(), |at| host + at));
    let token = path.rsplit('/').next().unwrap_or_default();
    document["download_url"] = link.map(|link| link.fill(Filling { base, path, token, url: &url })).into();
}

/// Makes JSON that is valid up to its last byte and that every parser refuses.
async fn malform(mut response: Response) -> Response {
    let bytes = read_body(std::mem::take(response.body_mut())).await;
    let mut text = bytes[..bytes.len().saturating_sub(1)].to_vec();
    text.extend_from_slice(b",,}");
    with_body(response, text.into())
}

/// Keeps the first `length` bytes, and always drops the last one.
async fn truncate(mut response: Response, length: u64) -> Response {
    if response.body().size_hint().exact().is_none() {
        let bytes = read_body(std::mem::take(response.body_mut())).await;
        response = with_body(response, bytes);
    }
    let left = length.min(response.body().size_hint().exact().unwrap_or_default().saturating_sub(1));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(left));
    response.map(|inner| Body::new(First { inner, left }))
}

async fn gzip(mut response: Response) -> Response {
    let bytes = read_body(std::mem::take(response.body_mut())).await;
    let plain = bytes.clone();
    let compressed = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&plain).and_then(|()| encoder.finish())
    });
    let Ok(Ok(compressed)) = compressed.await else { return with_body(response, bytes) };
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    with_body(response, compressed.into())
}

/// Makes a body that ends early. Its length is at least a byte more than is sent, so that the body is always broken.
fn break_off(mut response: Response, left: u64, end: End, line: ConnectionHandle) -> Response {
    let length = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if let Some(length) = length.or_else(|| response.body().size_hint().exact()) {
        let promised = if left < length { length } else { length + 1 };
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(promised));
    }
    response.map(|inner| Body::new(Broken { inner, left, end, line, flushed: None, stalled: None }))
}
