//! What rules do to an answer: its JSON, its coding, its type, and how its body comes.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::Value;

use super::super::file_body::Once;
use super::body::{Broken, End, First, Spending, Trickle};
use crate::body::{Body, Response};
use crate::fault::{Filling, ResponseEffect, Template};
use crate::http::ConnectionHandle;

/// Carries out what rules do to an answer, in the order in which they are given. A link that is good once is spent
/// when the last byte of the changed body is out.
pub(crate) async fn changed(
    mut response: Response,
    changes: &[Arc<ResponseEffect>],
    line: &ConnectionHandle,
    once: Option<Once>,
) -> Response {
    for change in changes {
        response = match &**change {
            ResponseEffect::Json(change) => rewritten(response, |document| change.apply(document)).await,
            ResponseEffect::Link(to) => rewritten(response, |document| relink(document, to.as_ref())).await,
            ResponseEffect::Malformed => malformed(response).await,
            ResponseEffect::Truncated(length) => truncated(response, *length).await,
            ResponseEffect::Gzip(_) => gzipped(response).await,
            ResponseEffect::ContentType(kind) => {
                response.headers_mut().insert(CONTENT_TYPE, kind.clone());
                response
            }
            ResponseEffect::StallAfter(after) => broken(response, *after, End::Stall, line.clone()),
            ResponseEffect::Cut(cut) => {
                let end = End::Cut(cut.how);
                let mut response = broken(response, cut.after, end, line.clone());
                if cut.chunked {
                    response.headers_mut().remove(CONTENT_LENGTH);
                }
                response
            }
            ResponseEffect::Drip(drip) => {
                let drip = *drip;
                response.map(|inner| Body::new(Trickle { inner, drip, held: Bytes::new(), pause: None }))
            }
        };
    }
    match once {
        Some(once) => response.map(|inner| Body::new(Spending { inner, once })),
        None => response,
    }
}

/// The whole body; one that breaks while it is read is empty, as it would be on the wire.
async fn whole(body: Body) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}

fn with_body(mut response: Response, bytes: Bytes) -> Response {
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    *response.body_mut() = Body::from(bytes);
    response
}

async fn rewritten(mut response: Response, work: impl FnOnce(&mut Value)) -> Response {
    let bytes = whole(std::mem::take(response.body_mut())).await;
    let mut document = serde_json::from_slice(&bytes).unwrap_or_default();
    work(&mut document);
    with_body(response, super::super::to_json(&document))
}

fn relink(document: &mut Value, link: Option<&Template>) {
    let url = document["download_url"].as_str().unwrap_or_default().to_owned();
    let host = url.find("://").map_or(0, |at| at + 3);
    let (base, path) = url.split_at(url[host..].find('/').map_or(url.len(), |at| host + at));
    let token = path.rsplit('/').next().unwrap_or_default();
    document["download_url"] = link.map(|link| link.fill(Filling { base, path, token, url: &url })).into();
}

/// What looks like JSON up to its end, and is none to any parser.
async fn malformed(mut response: Response) -> Response {
    let bytes = whole(std::mem::take(response.body_mut())).await;
    let mut text = bytes[..bytes.len().saturating_sub(1)].to_vec();
    text.extend_from_slice(b",,}");
    with_body(response, text.into())
}

/// So many bytes, and at least one fewer than there are.
async fn truncated(mut response: Response, length: u64) -> Response {
    if response.body().size_hint().exact().is_none() {
        let bytes = whole(std::mem::take(response.body_mut())).await;
        response = with_body(response, bytes);
    }
    let left = length.min(response.body().size_hint().exact().unwrap_or_default().saturating_sub(1));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(left));
    response.map(|inner| Body::new(First { inner, left }))
}

async fn gzipped(mut response: Response) -> Response {
    let bytes = whole(std::mem::take(response.body_mut())).await;
    let plain = bytes.clone();
    let packed = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&plain).and_then(|()| encoder.finish())
    });
    let Ok(Ok(packed)) = packed.await else { return with_body(response, bytes) };
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    with_body(response, packed.into())
}

/// A body that ends early. Its length promises at least a byte more than comes, so that the end is always a broken one.
fn broken(mut response: Response, left: u64, end: End, line: ConnectionHandle) -> Response {
    let length = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if let Some(length) = length.or_else(|| response.body().size_hint().exact()) {
        let promised = if left < length { length } else { length + 1 };
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(promised));
    }
    response.map(|inner| Body::new(Broken { inner, left, end, line, flushed: None, look: None, until: None }))
}
