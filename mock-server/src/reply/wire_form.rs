//! What an endpoint gives, and how it looks on the wire.

use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderValue,
    LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use serde::Serialize;

use super::disposition::disposition;
use super::file_body::{FileBody, Once};
use super::json::to_json;
use super::list;
use crate::body::{Body, Response};
use crate::fault::ResponseShape;
use crate::path::BEFORE_TOKEN;
use crate::policy::FileHeaders;
use crate::request::IncomingRequest;
use crate::session::{ListSnapshot, Session};
use crate::token::Claims;
use crate::world::Text;

/// What a request that passed every check gets.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A JSON document.
    Json(Bytes),
    /// A list, to be written: that needs no lock.
    List(Box<ListSnapshot>),
    /// A link, to be signed.
    Link(LinkReply),
    /// A file.
    File(FileReply),
    /// A redirect to the next hop of a link.
    Redirect(RedirectReply),
}

/// A link before it is signed: signing needs no lock.
#[derive(Debug)]
pub(crate) struct LinkReply {
    pub(crate) crew: CompactString,
    pub(crate) document: CompactString,
    pub(crate) version: u16,
    pub(crate) partner: Box<str>,
    pub(crate) expires: i64,
    pub(crate) serial: u64,
    pub(crate) hops: u8,
    pub(crate) content_type: Option<Text>,
    pub(crate) file_name: Option<CompactString>,
    pub(crate) leave_out_unknown: bool,
    pub(crate) extra: Option<&'static str>,
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
    /// The range lies outside: 416.
    Unsatisfiable,
}

/// A hop in front of a file.
#[derive(Debug)]
pub(crate) struct RedirectReply {
    pub(crate) status: u16,
    pub(crate) claims: Claims<'static>,
}

#[derive(Serialize)]
struct Link<'a> {
    document_id: &'a str,
    download_url: &'a str,
    expires_at: &'a str,
    #[serde(skip_serializing_if = "is_left_out")]
    content_type: Shown<'a>,
    #[serde(skip_serializing_if = "is_left_out")]
    file_name: Shown<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes_hint: Option<&'static str>,
}

/// A nullable field that may be left out.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Value(Option<&'a str>),
    LeftOut,
}

fn is_left_out(field: &Shown<'_>) -> bool {
    matches!(field, Shown::LeftOut)
}

/// A length as a header has it.
pub(crate) fn length_value(length: u64) -> HeaderValue {
    HeaderValue::from_str(itoa::Buffer::new().format(length)).unwrap_or_else(|_| HeaderValue::from(length))
}

/// A JSON answer.
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
    /// A JSON document of anything.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::Json(to_json(value))
    }

    /// The answer on the wire; the origin is asked for only where a link needs it.
    pub(crate) fn into_response(
        self,
        session: &Arc<Session>,
        incoming: &IncomingRequest,
        origin: impl FnOnce() -> String,
    ) -> Response {
        match self {
            Self::Json(body) => json(body),
            Self::List(listing) => {
                let body = list::written(&listing);
                session.keep_list(&listing, &body);
                json(body)
            }
            Self::Link(link) => json(link.signed(session, &origin())),
            Self::File(file) => file.into_response(incoming),
            Self::Redirect(hop) => {
                let location = format!("{}{BEFORE_TOKEN}{}", origin(), session.signer.sign(&hop.claims));
                redirect(hop.status, &location)
            }
        }
    }
}

/// How large a file may be to be compressed in memory.
pub(crate) const SMALL: u64 = 64 << 20;

impl Reply {
    /// What a fault has to know of it.
    pub(crate) fn shape(&self, head: bool) -> ResponseShape {
        match self {
            Self::Json(_) | Self::List(_) | Self::Link(_) => ResponseShape { json: true, body: !head, small: true },
            Self::Redirect(_) => ResponseShape { json: false, body: false, small: true },
            Self::File(file) => {
                let body = !head && file.length > 0 && file.part != Part::Unsatisfiable;
                ResponseShape { json: false, body, small: file.length <= SMALL }
            }
        }
    }

    /// Takes along the reservation of a link that is good once, where a fault decides how its bytes are sent.
    pub(crate) fn take_once(&mut self) -> Option<Once> {
        match self {
            Self::File(file) => file.body.take_once(),
            _ => None,
        }
    }
}

impl LinkReply {
    fn signed(&self, session: &Session, origin: &str) -> Bytes {
        let token = session.signer.sign(&Claims {
            session: (&*session.id).into(),
            crew: (&*self.crew).into(),
            document: (&*self.document).into(),
            version: self.version,
            partner: (&*self.partner).into(),
            expires: self.expires,
            serial: self.serial,
            hops: self.hops,
        });
        let shown = |value: Option<&'_ str>| value.is_none() && self.leave_out_unknown;
        to_json(&Link {
            document_id: &self.document,
            download_url: &format!("{origin}{BEFORE_TOKEN}{token}"),
            expires_at: &crate::time_format::rfc3339(self.expires),
            content_type: match self.content_type.as_deref() {
                value if shown(value) => Shown::LeftOut,
                value => Shown::Value(value),
            },
            file_name: match self.file_name.as_deref() {
                value if shown(value) => Shown::LeftOut,
                value => Shown::Value(value),
            },
            size_bytes_hint: self.extra,
        })
    }
}

/// So many headers an answer with a file has, or less.
const HEADERS: usize = 12;

impl FileReply {
    fn into_response(self, incoming: &IncomingRequest) -> Response {
        let head = incoming.parts.method == Method::HEAD;
        let (status, start, length) = match self.part {
            Part::Whole | Part::WholeOfRanges => (StatusCode::OK, 0, self.length),
            Part::Range(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
            Part::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        *response.headers_mut() = http::HeaderMap::with_capacity(HEADERS);
        self.put_headers(response.headers_mut(), length);
        let chunked = self.headers == FileHeaders::Chunked;
        if self.part != Part::Unsatisfiable {
            match (head, chunked) {
                (false, _) => *response.body_mut() = self.body.send(&incoming.peer.connection, start, length, chunked),
                // Without a body that hides its length, the HTTP library would say that the file is empty.
                (true, true) => *response.body_mut() = FileBody::untold(),
                (true, false) => {}
            }
        }
        response
    }

    fn put_headers(&self, headers: &mut http::HeaderMap, length: u64) {
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
            Part::Whole => return,
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

fn redirect(status: u16, location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
