//! The wire transcript of a run, out of the fake's journal. Only what arrived and what went out is taken from it; what
//! it means is not.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use crewpass_mock::{Exchange as Noted, Filter, Session};
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::listeners::CaseListeners;
use crate::client::witness::{Exchange, Listener};

/// A time span of the fake's clock of real time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// The places from which the journals of a case are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    own: u64,
    default: u64,
}

impl Mark {
    /// Creates the mark of the present ends of both journals.
    pub(super) fn here(own: &Session, default: &Session) -> Self {
        let end = |session: &Session| session.journal(&Filter { limit: Some(0), ..Filter::default() }).next;
        Self { own: end(own), default: end(default) }
    }
}

/// Returns the exchanges of a run: all of the session of the case, and of the default session, to which everything goes
/// that shows no known key or token, those that came in by the case's listeners. `seq` is the number of the last one so
/// far.
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

/// Converts one exchange to the form that the judges see.
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
        json: noted.raw_json_body().and_then(|body| decoded(body, noted.raw_response_headers())),
        bytes: noted.bytes,
        whole: noted.whole,
        // Where several fired, the last is what happened to the answer; mere waits come before it.
        fault: noted.faults.last().map(ToString::to_string),
    }
}

/// Returns a number for a connection that is unique over all listeners, each of which counts its own.
fn connection(noted: &Noted, listeners: &CaseListeners) -> u64 {
    noted.connection() * CaseListeners::COUNT + listeners.number(noted.local()).unwrap_or(0)
}

/// The most bytes that a JSON body may have after decoding; a longer one is not kept.
const LONGEST_JSON: u64 = 4 << 20;

/// Returns a body without its content coding, so that no reader has to undo it; `None` if that is not possible.
fn decoded(body: &Bytes, headers: Option<&HeaderMap>) -> Option<Bytes> {
    let coding = headers.and_then(|headers| headers.get(CONTENT_ENCODING));
    let coding = coding.map_or(&b"identity"[..], |value| value.as_bytes()).trim_ascii();
    if coding.eq_ignore_ascii_case(b"identity") {
        return Some(body.clone());
    }
    if !(coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip")) {
        return None;
    }
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(&body[..]).take(LONGEST_JSON + 1).read_to_end(&mut plain).ok()?;
    (read as u64 <= LONGEST_JSON).then(|| plain.into())
}

fn headers(all: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    all.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http::HeaderValue;

    use super::*;

    fn coded_as(coding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))])
    }

    #[test]
    fn a_json_body_is_decoded_where_it_is_read() {
        let plain = Bytes::from_static(b"{\"items\": []}");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&plain).unwrap();
        let packed = Bytes::from(encoder.finish().unwrap());
        for coding in ["gzip", "GZIP", "x-gzip"] {
            assert_eq!(decoded(&packed, Some(&coded_as(coding))).as_ref(), Some(&plain), "{coding}");
        }
        assert_eq!(decoded(&plain, None).as_ref(), Some(&plain));
        assert_eq!(decoded(&plain, Some(&coded_as("identity"))).as_ref(), Some(&plain));
        assert_eq!(decoded(&plain, Some(&coded_as("gzip"))), None, "not gzip after all");
        assert_eq!(decoded(&packed, Some(&coded_as("br"))), None, "nobody offers it");
    }
}
