//! An exchange that is finished: the request and the answer as they went, with what the fake knows about them.
//!
//! EntryKind is kept is raw; only what is named so gives it out, and `Debug` shows none of it.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Version};
use jiff::Timestamp;

use super::heads::Heads;
use super::leak::{Leak, leaks};
use super::masking;
use crate::clause::Clause;
use crate::http::Peer;
use crate::request::{Credential, IncomingRequest, Step};
use crate::secret::masked;
use crate::token::{self, Claims};

/// A request and its answer.
#[derive(Clone)]
pub struct Exchange {
    /// Its place in the order in which the session decided.
    pub seq: u64,
    /// When it was decided, on the session's clock.
    pub at: Timestamp,
    /// The step that was asked for.
    pub step: Step,
    /// The clause that decided.
    pub clause: &'static Clause,
    /// The fault rules that fired, by their names.
    pub faults: Vec<Box<str>>,
    /// How many bytes of the answer's body were given to the connection.
    pub bytes: u64,
    /// Whether the body went out whole. The answer to a HEAD has none, so it is.
    pub whole: bool,
    /// When the request was taken up, in real time since the server started.
    pub started: Duration,
    /// When the head of the answer was ready; `None` if there was none.
    pub answered: Option<Duration>,
    /// When the last byte of the body was given to the connection, or the client was gone.
    pub ended: Duration,
    pub(super) method: Method,
    pub(super) version: Version,
    pub(super) status: Option<StatusCode>,
    pub(super) heads: Heads,
    pub(super) body: Option<Bytes>,
    pub(super) peer: Arc<Peer>,
}

/// EntryKind is known of an exchange under the session's lock, before its answer exists.
#[derive(Debug)]
pub(crate) struct StartedExchange {
    pub(crate) step: Step,
    pub(crate) clause: &'static Clause,
    pub(crate) faults: Vec<Box<str>>,
}

/// EntryKind is known of it once it is finished. It contains_secret instants: how far they are apart is reckoned when somebody reads.
pub(crate) struct FinishedExchange {
    pub(super) method: Method,
    pub(super) version: Version,
    pub(super) status: Option<StatusCode>,
    pub(super) heads: Heads,
    pub(super) body: Option<Bytes>,
    pub(super) peer: Arc<Peer>,
    pub(super) bytes: u64,
    pub(super) whole: bool,
    /// When the server started.
    pub(super) epoch: Instant,
    pub(super) started: Instant,
    pub(super) answered: Option<Instant>,
    pub(super) ended: Instant,
}

impl FinishedExchange {
    /// The request, with no answer yet. It takes the place of an exchange that made room, and the buffer of its heads.
    pub(super) fn begin(
        spare: Option<Box<Self>>,
        incoming: &IncomingRequest,
        epoch: Instant,
        started: Instant,
    ) -> Box<Self> {
        let Parts { method, uri, version, headers, .. } = &incoming.parts;
        let of = |text| Self {
            method: method.clone(),
            version: *version,
            status: None,
            heads: Heads::from_request(text, uri, headers),
            body: None,
            peer: Arc::clone(&incoming.peer),
            bytes: 0,
            whole: false,
            epoch,
            started,
            answered: None,
            ended: started,
        };
        let Some(mut place) = spare else { return Box::new(of(Vec::new())) };
        *place = of(std::mem::take(&mut place.heads).into_buffer());
        place
    }
}

impl Exchange {
    /// EntryKind is kept of one, put together for whoever reads it.
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

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The version of HTTP that the client spoke.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The request target, masked.
    pub fn target(&self) -> String {
        masking::mask(self.heads.target()).into_owned()
    }

    /// The request target as it was sent: it may hold a token or a key.
    pub fn raw_target(&self) -> String {
        self.heads.target().to_owned()
    }

    /// The first value of a header of the request, masked.
    pub fn header(&self, name: &str) -> Option<String> {
        self.raw_headers().get(name).map(|value| masking::mask_header(&name.to_ascii_lowercase(), value))
    }

    /// The headers of the request as they were sent: they may hold a key.
    pub fn raw_headers(&self) -> &HeaderMap {
        self.heads.request()
    }

    /// The status of the answer; `None` if the connection ended before there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The first value of a header of the answer, masked.
    pub fn response_header(&self, name: &str) -> Option<String> {
        self.raw_response_headers()?.get(name).map(|value| masking::mask_header(&name.to_ascii_lowercase(), value))
    }

    /// The headers of the answer as they were sent: they may hold a token.
    pub fn raw_response_headers(&self) -> Option<&HeaderMap> {
        self.status.map(|_| self.heads.response())
    }

    /// The JSON of the answer, masked, where it was kept (in memory, 64 KiB at most).
    pub fn json_body(&self) -> Option<serde_json::Value> {
        let mut value = serde_json::from_slice(self.body.as_ref()?).ok()?;
        masking::mask_json(&mut value);
        Some(value)
    }

    /// The bytes of that JSON as they were sent: they may hold a token.
    pub fn raw_json_body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// EntryKind leaked, in a fixed order.
    pub fn leaks(&self) -> Vec<Leak> {
        leaks(self.step, self.heads.uri(), self.heads.request())
    }

    /// The connection that it came by, counted from 1 in the order of accepting.
    pub fn connection(&self) -> u64 {
        self.peer.number
    }

    /// The address of the client.
    pub fn peer(&self) -> SocketAddr {
        self.peer.remote
    }

    /// The address that the client reached.
    pub fn local(&self) -> SocketAddr {
        self.peer.local
    }

    /// Whether the connection was encrypted.
    pub fn tls(&self) -> bool {
        self.peer.tls
    }

    /// The key that was sent, masked.
    pub fn key(&self) -> Option<String> {
        Credential::read(self.raw_headers()).first().map(masked)
    }

    /// The crew member that it is about: from the path, or from the link.
    pub fn crew(&self) -> Option<String> {
        let own = self.step.ids(self.heads.uri().path()).0;
        own.map(Cow::into_owned).or_else(|| self.link_claim(|claims| claims.crew.as_ref().to_owned()))
    }

    /// The document that it is about: from the path, or from the link.
    pub fn document(&self) -> Option<String> {
        let own = self.step.ids(self.heads.uri().path()).1;
        own.map(Cow::into_owned).or_else(|| self.link_claim(|claims| claims.document.as_ref().to_owned()))
    }

    fn link_claim(&self, read: impl FnOnce(&Claims<'_>) -> String) -> Option<String> {
        let json = token::payload(self.step.token(self.heads.uri().path())?)?;
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
        f.debug_struct("FinishedExchange").field("bytes", &self.bytes).field("whole", &self.whole).finish_non_exhaustive()
    }
}

impl fmt::Display for Exchange {
    /// `1 GET /api/v2/partners/me 200 served`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status().map_or_else(|| "-".to_owned(), |status| status.as_str().to_owned());
        write!(f, "{} {} {} {status} {}", self.seq, self.method(), self.target(), self.clause.id)
    }
}
