//! The journal as HAR 1.2 for the network panel of a browser. Everything is masked.
//!
//! `startedDateTime` is the session's clock; timings are real. Fields that HAR does not define
//! begin with `_`, as the format requires. Changes are left out: HAR has no place for them.

use crewpass_diagnostics::mask_text;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::address::mask_line;
use super::exchange::Exchange;
use super::json::{milliseconds, version};
use super::masking;
use super::ring::Journal;

impl Journal {
    /// Returns the exchanges as `{"log": …}`.
    pub fn to_har(&self) -> Value {
        json!({"log": {
            "version": "1.2",
            "creator": {"name": "crewpass-mock", "version": env!("CARGO_PKG_VERSION")},
            "entries": self.exchanges().map(entry).collect::<Vec<_>>(),
            "comment": format!("{} older entries were dropped, {} exchanges are not finished", self.dropped, self.open),
        }})
    }
}

fn entry(exchange: &Exchange) -> Value {
    let total = exchange.ended.saturating_sub(exchange.started);
    let wait = exchange.answered.unwrap_or(exchange.ended).saturating_sub(exchange.started);
    let clause = exchange.clause;
    json!({
        "startedDateTime": exchange.at.to_string(),
        "time": milliseconds(total),
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": {
            "send": 0,
            "wait": milliseconds(wait),
            "receive": milliseconds(total.saturating_sub(wait)),
        },
        "connection": exchange.connection().to_string(),
        "comment": format!("{} ({:?}): {}", clause.id, clause.source, clause.text),
        "_seq": exchange.seq,
        "_step": exchange.step,
        "_clause": clause,
        "_faults": exchange.faults,
        "_leaks": exchange.leaks().iter().map(|leak| leak.name()).collect::<Vec<_>>(),
        "_whole": exchange.whole,
    })
}

fn request(exchange: &Exchange) -> Value {
    let headers = exchange.raw_headers();
    json!({
        "method": exchange.method().as_str(),
        "url": url(exchange),
        "httpVersion": version(exchange.version()),
        "cookies": cookies(headers, COOKIE.as_str()),
        "headers": named(headers),
        "queryString": query(exchange),
        "headersSize": -1,
        "bodySize": 0,
    })
}

/// Returns the absolute URL. HTTP/2 sends it whole, HTTP/1 as the target and `Host`.
fn url(exchange: &Exchange) -> String {
    let target = exchange.target();
    if !target.starts_with('/') {
        return target;
    }
    let scheme = if exchange.tls() { "https" } else { "http" };
    // An HTTP/1 request may lack a `Host`, but HAR requires an absolute URL.
    let host = exchange.header(HOST.as_str()).filter(|host| !host.is_empty());
    format!("{scheme}://{}{target}", host.as_deref().unwrap_or("localhost"))
}

fn query(exchange: &Exchange) -> Vec<Value> {
    let target = exchange.raw_target();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| json!({"name": decode_masked(name), "value": decode_masked(value)}))
        .collect()
}

/// Decodes a query text and masks it.
fn decode_masked(text: &str) -> String {
    let plain = text.replace('+', " ");
    let decoded = percent_decode_str(&plain).decode_utf8_lossy();
    // Masked first as it was sent: a key in base64 may contain a `+`.
    if mask_text(text) == text { mask_line(&decoded).into_owned() } else { mask_line(text).into_owned() }
}

fn response(exchange: &Exchange) -> Value {
    let none = HeaderMap::new();
    let headers = exchange.raw_response_headers().unwrap_or(&none);
    let status = exchange.status();
    let kind = headers.get(CONTENT_TYPE).map(|kind| masking::mask_header(CONTENT_TYPE.as_str(), kind));
    let mut content = json!({"size": exchange.bytes, "mimeType": kind.unwrap_or_else(|| "x-unknown".to_owned())});
    if let Some(text) = body(exchange) {
        content["text"] = text.into();
    }
    json!({
        "status": status.map_or(0, |status| status.as_u16()),
        "statusText": status.and_then(|status| StatusCode::canonical_reason(&status)).unwrap_or_default(),
        "httpVersion": version(exchange.version()),
        "cookies": cookies(headers, SET_COOKIE.as_str()),
        "headers": named(headers),
        "content": content,
        "redirectURL": headers.get(LOCATION).map(|to| masking::mask_header(LOCATION.as_str(), to)).unwrap_or_default(),
        "headersSize": -1,
        "bodySize": exchange.bytes,
    })
}

/// Returns the body as masked text. Valid JSON is masked as JSON, and a body that a fault broke as
/// plain text.
fn body(exchange: &Exchange) -> Option<String> {
    let raw = exchange.raw_json_body()?;
    let json = exchange.json_body().map(|body| body.to_string());
    Some(json.unwrap_or_else(|| mask_line(&String::from_utf8_lossy(raw)).into_owned()))
}

fn named(headers: &HeaderMap) -> Vec<Value> {
    headers
        .iter()
        .map(|(name, value)| json!({"name": name.as_str(), "value": masking::mask_header(name.as_str(), value)}))
        .collect()
}

fn cookies(headers: &HeaderMap, name: &str) -> Vec<Value> {
    let texts = headers.get_all(name).iter().map(|value| masking::mask_header(name, value)).collect::<Vec<_>>();
    let pairs = texts.iter().flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}
