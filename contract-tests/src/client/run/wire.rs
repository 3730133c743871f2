//! The wire transcript of a run, out of the fake's journal. Only what arrived and what went out is taken from it; what
//! it means is not.

use std::sync::Arc;
use std::time::Duration;

use crewpass_mock::{Exchange as Noted, Filter, Session};
use http::HeaderMap;

use super::listeners::CaseListeners;
use crate::client::witness::{Exchange, Listener};

/// A time span of the fake's clock of real time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// Where to read the journals of a case from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    own: u64,
    default: u64,
}

impl Mark {
    /// From here on.
    pub(super) fn here(own: &Session, default: &Session) -> Self {
        let end = |session: &Session| session.journal(&Filter { limit: Some(0), ..Filter::default() }).next;
        Self { own: end(own), default: end(default) }
    }
}

/// The exchanges of a run: all of the case's own session, and of the default session, to which everything goes that
/// shows no known key or token, those that came in by the case's doors. `seq` is the number of the last one so far.
pub(super) fn exchanges(
    own: &Session,
    default: &Session,
    listeners: &CaseListeners,
    mark: Mark,
    span: Span,
    seq: &mut u64,
) -> Vec<Exchange> {
    let since = |session: &Session, since| -> Vec<Arc<Noted>> {
        session.journal(&Filter { since, ..Filter::default() }).into_exchanges().collect()
    };
    let keyless = since(default, mark.default).into_iter().filter(|noted| listener(noted, listeners).is_some());
    let mut all: Vec<_> = since(own, mark.own).into_iter().chain(keyless).collect();
    all.retain(|noted| noted.started >= span.from);
    // Within a session the order is that of deciding; between the two only time is left.
    all.sort_by_key(|noted| noted.started);
    all.iter()
        .map(|noted| {
            *seq += 1;
            exchange(noted, listeners, span, *seq)
        })
        .collect()
}

fn listener(noted: &Noted, listeners: &CaseListeners) -> Option<Listener> {
    listeners.at(noted.local())
}

/// One exchange as the judges see it.
fn exchange(noted: &Noted, listeners: &CaseListeners, span: Span, seq: u64) -> Exchange {
    Exchange {
        seq,
        listener: listener(noted, listeners).unwrap_or(Listener::Base),
        tls: noted.tls(),
        connection: connection(noted, listeners),
        started: noted.started.saturating_sub(span.from),
        ended: (noted.ended <= span.to).then(|| noted.ended.saturating_sub(span.from)),
        method: noted.method().to_string(),
        target: noted.raw_target(),
        headers: headers(noted.raw_headers()),
        status: noted.status().map_or(0, |status| status.as_u16()),
        response_headers: noted.raw_response_headers().map(headers).unwrap_or_default(),
        json: noted.raw_json_body().cloned(),
        bytes: noted.bytes,
        whole: noted.whole,
        // Where several fired, the last is what happened to the answer; mere waits come before it.
        fault: noted.faults.last().map(ToString::to_string),
    }
}

/// A number for a connection that is its own over all doors, each of which counts for itself.
fn connection(noted: &Noted, listeners: &CaseListeners) -> u64 {
    noted.connection() * CaseListeners::COUNT + listeners.number(noted.local()).unwrap_or(0)
}

fn headers(all: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    all.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}
