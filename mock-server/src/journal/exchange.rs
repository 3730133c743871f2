//! A finished exchange: the request and the response as they were sent, with the fake's decision.
//!
//! Stored values are raw. Only functions named `raw_…` return them unmasked, and `Debug` shows none
//! of them.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crewpass_diagnostics::mask_secret;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Version};
use jiff::Timestamp;

use super::address::mask_line;
use super::heads::Heads;
use super::leak::{Leak, leaks};
use super::masking;
use crate::clause::Clause;
use crate::endpoint::EndpointName;
use crate::http::Peer;
use crate::request::{Credential, IncomingRequest, decoded};
use crate::token::{self, Claims};

/// A request and its response.
#[derive(Clone)]
pub struct Exchange {
    /// The sequence number of the decision.
    pub seq: u64,
    /// The time of the decision, on the session's clock.
    pub at: Timestamp,
    /// The endpoint that was requested; `step` is its name on the wire.
    pub step: EndpointName,
    /// The clause that decided.
    pub clause: &'static Clause,
    /// The names of the fault rules that fired.
    pub faults: Vec<Box<str>>,
    /// The number of body bytes that were passed to the connection.
    pub bytes: u64,
    /// Is true if the body was sent completely. Also true for a response to HEAD, which has no
    /// body.
    pub whole: bool,
    /// The start of the request, in real time since the server started.
    pub started: Duration,
    /// The time when the response head was ready; `None` if there was none.
    pub answered: Option<Duration>,
    /// The time when the last body byte was passed to the connection, or the client disconnected.
    pub ended: Duration,
    pub(super) method: Method,
    pub(super) version: Version,
    pub(super) status: Option<StatusCode>,
    pub(super) heads: Heads,
    pub(super) body: Option<Bytes>,
    pub(super) peer: Arc<Peer>,
}

/// The part of an exchange that is known under the session's lock, before the response exists.
#[derive(Debug)]
pub(crate) struct StartedExchange {
    pub(crate) step: EndpointName,
    pub(crate) clause: &'static Clause,
    pub(crate) faults: Vec<Box<str>>,
}

/// The rest of an exchange, known once it is finished. It stores instants; durations are computed
/// when the journal is read.
pub(crate) struct FinishedExchange {
    pub(super) method: Method,
    pub(super) version: Version,
    pub(super) status: Option<StatusCode>,
    pub(super) heads: Heads,
    pub(super) body: Option<Bytes>,
    pub(super) peer: Arc<Peer>,
    pub(super) bytes: u64,
    pub(super) whole: bool,
    /// The start of the server.
    pub(super) epoch: Instant,
    pub(super) started: Instant,
    pub(super) answered: Option<Instant>,
    pub(super) ended: Instant,
}

impl FinishedExchange {
    /// Returns the bytes that it takes.
    pub(super) fn size(&self) -> u64 {
        (size_of::<Self>() + self.heads.capacity() + self.body.as_ref().map_or(0, Bytes::len)) as u64
    }

    /// Records the request, with no response yet. Reuses the allocations of `spare`, an evicted
    /// exchange.
    pub(super) fn begin(
        mut spare: Option<Box<Self>>,
        incoming: &IncomingRequest,
        epoch: Instant,
        started: Instant,
    ) -> Box<Self> {
        let Parts { method, uri, version, headers, .. } = &incoming.parts;
        let buffer = spare.as_mut().map(|old| std::mem::take(&mut old.heads).into_buffer()).unwrap_or_default();
        let record = Self {
            method: method.clone(),
            version: *version,
            status: None,
            heads: Heads::from_request(buffer, uri, headers),
            body: None,
            peer: Arc::clone(&incoming.peer),
            bytes: 0,
            whole: false,
            epoch,
            started,
            answered: None,
            ended: started,
        };
        match spare {
            Some(mut slot) => {
                *slot = record;
                slot
            }
            None => Box::new(record),
        }
    }
}

impl Exchange {
    /// Combines the two stored parts of an exchange for a reader.
    pub(super) fn from_parts(seq: u64, at: Timestamp, decision: &StartedExchange, finished: &FinishedExchange) -> Self {
        let since_start = |at: Instant| at.saturating_duration_since(finished.epoch);
        Self {
            seq,
            at,
            step: decision.step,
            clause: decision.clause,
            faults: decision.faults.clone(),
            bytes: finished.bytes,
            whole: finished.whole,
            started: since_start(finished.started),
            answered: finished.answered.map(since_start),
            ended: since_start(finished.ended),
            method: finished.method.clone(),
            version: finished.version,
            status: finished.status,
            heads: finished.heads.clone(),
            body: finished.body.clone(),
            peer: Arc::clone(&finished.peer),
        }
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the HTTP version that the client used.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the request target, masked.
    pub fn target(&self) -> String {
        mask_line(self.heads.target()).into_owned()
    }

    /// Returns the request target as it was sent. It may contain a token or a key.
    pub fn raw_target(&self) -> String {
        self.heads.target().to_owned()
    }

    /// Returns the first value of a request header, masked.
    pub fn header(&self, name: &str) -> Option<String> {
        self.raw_headers().get(name).map(|value| masking::mask_header(&name.to_ascii_lowercase(), value))
    }

    /// Returns the request headers as they were sent. They may contain a key.
    pub fn raw_headers(&self) -> &HeaderMap {
        self.heads.request()
    }

    /// Returns the response status; `None` if the connection ended without a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns the first value of a response header, masked.
    pub fn response_header(&self, name: &str) -> Option<String> {
        self.raw_response_headers()?.get(name).map(|value| masking::mask_header(&name.to_ascii_lowercase(), value))
    }

    /// Returns the response headers as they were sent. They may contain a token.
    pub fn raw_response_headers(&self) -> Option<&HeaderMap> {
        self.status.map(|_| self.heads.response())
    }

    /// Returns the JSON of the response, masked, if it was kept (in memory, at most 64 KiB, and of large ones the last 8 MiB).
    pub fn json_body(&self) -> Option<serde_json::Value> {
        let mut value = serde_json::from_slice(self.body.as_ref()?).ok()?;
        masking::mask_json(&mut value);
        Some(value)
    }

    /// Returns the bytes of the response's JSON as they were sent. They may contain a token.
    pub fn raw_json_body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// Returns the secrets that the request leaked, in a fixed order.
    pub fn leaks(&self) -> Vec<Leak> {
        leaks(self.step, self.heads.uri(), self.heads.request())
    }

    /// Returns the number of the connection, counted from 1 in the order of accepting.
    pub fn connection(&self) -> u64 {
        self.peer.number
    }

    /// Returns the client's address.
    pub fn peer(&self) -> SocketAddr {
        self.peer.remote
    }

    /// Returns the server's address that the client connected to.
    pub fn local(&self) -> SocketAddr {
        self.peer.local
    }

    /// Returns true if the connection was encrypted.
    pub fn tls(&self) -> bool {
        self.peer.tls
    }

    /// Returns the key that was sent, masked.
    pub fn key(&self) -> Option<String> {
        Credential::read(self.raw_headers()).first().map(mask_secret)
    }

    /// Returns the id of the crew member, from the path or from the link's token.
    pub fn crew(&self) -> Option<String> {
        let own = self.step.segments(self.heads.uri().path()).crew.and_then(decoded);
        own.map(Cow::into_owned).or_else(|| self.link_claim(|claims| claims.crew.as_ref().to_owned()))
    }

    /// Returns the id of the document, from the path or from the link's token.
    pub fn document(&self) -> Option<String> {
        let own = self.step.segments(self.heads.uri().path()).document.and_then(decoded);
        own.map(Cow::into_owned).or_else(|| self.link_claim(|claims| claims.document.as_ref().to_owned()))
    }

    fn link_claim(&self, read: impl FnOnce(&Claims<'_>) -> String) -> Option<String> {
        let json = token::payload(self.step.segments(self.heads.uri().path()).token?)?;
        Claims::read(&json).map(|claims| read(&claims))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("seq", &self.seq)
            .field("method", self.method())
            .field("target", &self.target())
            .field("status", &self.status())
            .field("clause", &self.clause.id)
            .field("faults", &self.faults)
            .field("bytes", &self.bytes)
            .field("whole", &self.whole)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FinishedExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedExchange")
            .field("bytes", &self.bytes)
            .field("whole", &self.whole)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Exchange {
    /// Formats the exchange as `1 GET /api/v2/partners/me 200 served`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status().map_or_else(|| "-".to_owned(), |status| status.as_str().to_owned());
        write!(f, "{} {} {} {status} {}", self.seq, self.method(), self.target(), self.clause.id)
    }
}
