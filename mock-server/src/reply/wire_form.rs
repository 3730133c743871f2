//! The reply of a handler, and its form on the wire.

use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue,
    LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use serde::Serialize;

use super::disposition::disposition;
use super::file_body::{FileBody, Once};
use super::json::to_json;
use super::rendered::Rendered;
use crate::body::{Body, Response};
use crate::endpoint::{LinkReply, before_token};
use crate::fault::ResponseShape;
use crate::policy::FileHeaders;
use crate::request::IncomingRequest;
use crate::session::{ListSnapshot, Session};
use crate::token::Claims;
use crate::world::Text;

/// The reply to a request that passed every check.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A JSON document.
    Json(Bytes),
    /// A JSON document that is written without the lock.
    Rendered(Rendered),
    /// A document list, with the function that serialises it: that needs no lock.
    List(Box<ListSnapshot>, fn(&ListSnapshot) -> Bytes),
    /// A link, to be signed.
    Link(LinkReply),
    /// A file.
    File(FileReply),
    /// A redirect to the next hop of a link.
    Redirect(RedirectReply),
}

/// A file, or a part of it.
#[derive(Debug)]
pub(crate) struct FileReply {
    pub(crate) body: FileBody,
    pub(crate) length: u64,
    pub(crate) content_type: Option<Text>,
    pub(crate) file_name: Option<CompactString>,
    pub(crate) headers: FileHeaders,
    pub(crate) part: Part,
    /// The strong entity tag, where ranges are honoured.
    pub(crate) etag: Option<HeaderValue>,
}

/// Which part of a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it; ranges are ignored.
    Whole,
    /// All of it; ranges would be honoured.
    WholeOfRanges,
    /// From the first to the last byte, both included.
    Range(u64, u64),
    /// The range is outside: 416.
    Unsatisfiable,
    /// None: the caller has this version already, 304.
    NotModified,
    /// None: the caller wants another version than this one, 412.
    PreconditionFailed,
}

impl Part {
    /// Returns true if bytes of the file are sent.
    pub(crate) const fn is_sent(self) -> bool {
        matches!(self, Self::Whole | Self::WholeOfRanges | Self::Range(..))
    }
}

/// A hop in front of a file.
#[derive(Debug)]
pub(crate) struct RedirectReply {
    pub(crate) status: u16,
    pub(crate) claims: Claims<'static>,
}

/// Formats a length for a header.
pub(crate) fn length_value(length: u64) -> HeaderValue {
    HeaderValue::from_str(itoa::Buffer::new().format(length)).unwrap_or_else(|_| HeaderValue::from(length))
}

/// Builds a response with JSON.
fn json(body: impl Into<Bytes>) -> Response {
    let body = body.into();
    let length = length_value(body.len() as u64);
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, length);
    response
}

impl Reply {
    /// Creates a response with a JSON document.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::Json(to_json(value))
    }

    /// Turns the reply into the response. The origin is computed only where a link needs it.
    pub(crate) fn into_response(
        self,
        session: &Arc<Session>,
        incoming: &IncomingRequest,
        origin: impl FnOnce() -> String,
    ) -> Response {
        match self {
            Self::Json(body) => json(body),
            Self::Rendered(rendered) => json(rendered.write(origin)),
            Self::List(snapshot, written) => {
                let body = written(&snapshot);
                session.keep_list(&snapshot, &body);
                json(body)
            }
            Self::Link(link) => json(link.signed(session, &origin())),
            Self::File(file) => file.into_response(incoming),
            Self::Redirect(hop) => {
                let location = format!("{}{}{}", origin(), before_token(), session.signer.sign(&hop.claims));
                redirect(hop.status, &location)
            }
        }
    }
}

/// The size up to which a file may be compressed in memory, in bytes.
pub(crate) const SMALL: u64 = 64 << 20;

impl Reply {
    /// Returns what a fault rule has to know of the reply.
    pub(crate) fn shape(&self, head: bool) -> ResponseShape {
        match self {
            Self::Json(_) | Self::Rendered(_) | Self::List(..) | Self::Link(_) => ResponseShape::json(!head),
            Self::Redirect(_) => ResponseShape::bare(),
            Self::File(file) => {
                let body = !head && file.length > 0 && file.part.is_sent();
                let part = matches!(file.part, Part::Range(first, _) if first > 0);
                ResponseShape { json: false, body, small: file.length <= SMALL, part }
            }
        }
    }

    /// Takes the reservation of a link that may be used once, where a fault decides how its bytes are sent.
    pub(crate) fn take_once(&mut self) -> Option<Once> {
        match self {
            Self::File(file) => file.body.take_once(),
            _ => None,
        }
    }
}

impl FileReply {
    /// Moves a range to an earlier place of the file, and keeps its length.
    pub(crate) fn move_range(&mut self, earlier: u64) {
        if let Part::Range(first, last) = self.part {
            let by = earlier.min(first);
            self.part = Part::Range(first - by, last - by);
        }
    }
}

/// The number of headers that an answer with a file has at most.
const HEADERS: usize = 12;

impl FileReply {
    fn into_response(self, incoming: &IncomingRequest) -> Response {
        let head = incoming.parts.method == Method::HEAD;
        let (status, start, length) = match self.part {
            Part::Whole | Part::WholeOfRanges => (StatusCode::OK, 0, self.length),
            Part::Range(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
            Part::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
            Part::NotModified => (StatusCode::NOT_MODIFIED, 0, 0),
            Part::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, 0, 0),
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        *response.headers_mut() = http::HeaderMap::with_capacity(HEADERS);
        self.put_headers(response.headers_mut(), length);
        let chunked = self.headers == FileHeaders::Chunked;
        if self.part.is_sent() {
            match (head, chunked) {
                (false, _) => *response.body_mut() = self.body.send(&incoming.peer.connection, start, length, chunked),
                // Without a body that hides its length, the HTTP library would say that the file is empty.
                (true, true) => *response.body_mut() = FileBody::of_unknown_length(),
                (true, false) => {}
            }
        }
        response
    }

    fn put_headers(&self, headers: &mut http::HeaderMap, length: u64) {
        if let Some(etag) = &self.etag {
            headers.insert(ETAG, etag.clone());
        }
        if matches!(self.part, Part::NotModified | Part::PreconditionFailed) {
            // What describes the file is left out (RFC 9110 section 15.4.5).
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            return;
        }
        let kind = self.content_type.as_deref().and_then(|kind| HeaderValue::from_str(kind).ok());
        headers.insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
        if self.headers != FileHeaders::Chunked {
            headers.insert(CONTENT_LENGTH, length_value(length));
        }
        if self.headers != FileHeaders::NoDisposition {
            headers.insert(CONTENT_DISPOSITION, disposition(self.file_name.as_deref()));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let range = match self.part {
            Part::Whole | Part::NotModified | Part::PreconditionFailed => return,
            Part::WholeOfRanges => None,
            Part::Range(first, last) => Some(format!("bytes {first}-{last}/{}", self.length)),
            Part::Unsatisfiable => Some(format!("bytes */{}", self.length)),
        };
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(range) = range.and_then(|range| HeaderValue::from_str(&range).ok()) {
            headers.insert(CONTENT_RANGE, range);
        }
    }
}

/// Builds a redirect, with a page for who does not follow it (RFC 9110 section 15.4).
pub(crate) fn redirect(status: u16, location: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
    let mut response = Response::new(Body::from(page(status)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// Builds a page for a browser that says no more than a status.
pub(crate) fn page(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Unknown Status");
    let line = format!("{} {reason}", status.as_u16());
    format!("<!doctype html>\n<html><head><title>{line}</title></head><body><h1>{line}</h1></body></html>\n")
}
