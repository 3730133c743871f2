//! The journal as JSON. Everything is masked. Values that depend on real time or on the machine are
//! under `real`; the rest is the same for the same requests on a frozen clock.

use std::time::Duration;

use http::{HeaderMap, Version};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::address::mask_line;
use super::entry::{Change, Entry, EntryKind};
use super::exchange::Exchange;
use super::masking;
use super::ring::Journal;
use super::words;

impl Journal {
    /// Returns `{"entries", "next", "open", "dropped"}`.
    pub fn to_json(&self) -> Value {
        let entries: Vec<_> = self.entries.iter().map(Entry::to_json).collect();
        json!({"entries": entries, "next": self.next, "open": self.open, "dropped": self.dropped})
    }
}

impl Entry {
    /// Returns the entry as JSON.
    pub fn to_json(&self) -> Value {
        let mut entry = match &self.kind {
            EntryKind::Exchange(exchange) => {
                let mut entry = exchange_json(exchange);
                if let Some(trace) = exchange.header("traceparent") {
                    entry["traceparent"] = trace.into();
                }
                entry
            }
            EntryKind::Change(change) => change_json(change, self.at),
        };
        entry["seq"] = self.seq.into();
        entry["at"] = self.at.to_string().into();
        entry
    }
}

fn change_json(change: &Change, at: Timestamp) -> Value {
    let mut detail = change.detail.clone();
    masking::mask_json(&mut detail);
    let text = words::describe(change.topic, &detail, at);
    json!({"kind": "change", "change": change.topic, "text": text, "detail": detail})
}

fn exchange_json(exchange: &Exchange) -> Value {
    let shown = |text: Option<String>| text.map(|text| mask_line(&text).into_owned());
    json!({
        "kind": "exchange",
        "step": exchange.step,
        "method": exchange.method().as_str(),
        "target": exchange.target(),
        "crew": shown(exchange.crew()),
        "document": shown(exchange.document()),
        "key": exchange.key(),
        "status": exchange.status().map(|status| status.as_u16()),
        "clause": exchange.clause,
        "faults": exchange.faults,
        "leaks": exchange.leaks().iter().map(|leak| leak.name()).collect::<Vec<_>>(),
        "bytes": exchange.bytes,
        "whole": exchange.whole,
        "request_id": exchange.response_header("x-request-id"),
        "http": version(exchange.version()),
        "request_headers": headers(exchange.raw_headers()),
        "response_headers": exchange.raw_response_headers().map(headers),
        "real": {
            "connection": exchange.connection(),
            "peer": exchange.peer().to_string(),
            "tls": exchange.tls(),
            "started_ms": milliseconds(exchange.started),
            "wait_ms": exchange.answered.map(|answered| milliseconds(answered.saturating_sub(exchange.started))),
            "ms": milliseconds(exchange.ended.saturating_sub(exchange.started)),
        },
    })
}

/// Returns `[["accept", "*/*"], …]`, masked.
fn headers(headers: &HeaderMap) -> Vec<(&str, String)> {
    headers.iter().map(|(name, value)| (name.as_str(), masking::mask_header(name.as_str(), value))).collect()
}

/// Formats a version as HTTP does.
pub(super) fn version(version: Version) -> String {
    format!("{version:?}")
}

/// Returns milliseconds, rounded to the microsecond.
pub(super) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
