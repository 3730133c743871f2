//! A request as the checks and handlers read it: endpoint, key, ids, body. It is parsed once, at the edge;
//! nothing later reads a header for these.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::extract::rejection::ExtensionRejection;
use http::header::{AUTHORIZATION, HeaderName};
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use crate::endpoint::{Answers, EndpointName};
use crate::http::Peer;
use crate::policy::BothKeys;
use crate::request_body::RequestBody;
use crate::session::{CrewLookup, Session};
use crate::token::Claims;

/// The credential of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential<'a> {
    /// No key, an empty one, or one that can't be read.
    Missing,
    /// One key, perhaps an unknown one.
    Key(&'a str),
    /// Both headers, with different keys (D: policy `both_keys`).
    Two {
        /// From `Authorization`.
        bearer: &'a str,
        /// From `X-Partner-API-Key`.
        header: &'a str,
    },
}

impl<'a> Credential<'a> {
    /// Reads both key headers. The scheme's name is case-insensitive (H, RFC 9110 section 11.1). A repeated header or
    /// an empty key counts as missing (D).
    pub fn read(headers: &'a HeaderMap) -> Self {
        let (mut bearer, mut header) = (None, None);
        // One pass over the few headers that a request has is quicker than two searches.
        for (name, value) in headers {
            let (key, known) = if name == AUTHORIZATION {
                (&mut bearer, value.to_str().ok().and_then(bearer_key))
            } else if *name == API_KEY {
                (&mut header, value.to_str().ok().map(str::trim).filter(|key| !key.is_empty()))
            } else {
                continue;
            };
            if known.is_none() || key.is_some() {
                return Self::Missing;
            }
            *key = known;
        }
        match (bearer, header) {
            (Some(bearer), Some(header)) if bearer != header => Self::Two { bearer, header },
            (Some(key), _) | (None, Some(key)) => Self::Key(key),
            (None, None) => Self::Missing,
        }
    }

    /// Returns the key that picks the session.
    pub fn first(&self) -> Option<&'a str> {
        match self {
            Self::Missing => None,
            Self::Key(key) | Self::Two { bearer: key, .. } => Some(key),
        }
    }

    /// Returns the key that is judged, as policy `both_keys` says.
    pub fn judged(&self, policy: BothKeys) -> Option<&'a str> {
        match (self, policy) {
            (Self::Two { .. }, BothKeys::Refused) => None,
            _ => self.first(),
        }
    }
}

/// The other header of the key (P).
static API_KEY: HeaderName = HeaderName::from_static("x-partner-api-key");

/// Returns the key of an `Authorization: Bearer` header.
fn bearer_key(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_at_checked("bearer".len())?;
    let key = key.strip_prefix(' ')?.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// A request as it is read once: what it is for, and who asks.
#[derive(Debug)]
pub struct RequestContext<'a> {
    /// The endpoint that it is for.
    pub(crate) endpoint: EndpointName,
    /// Is true for HEAD.
    pub(crate) head: bool,
    /// The crew member's id, decoded once; `None` where there is none, or it is not UTF-8. At the file step, the one
    /// that a verified token names.
    pub(crate) crew: Option<Cow<'a, str>>,
    /// The document's id, the same way.
    pub(crate) document: Option<Cow<'a, str>>,
    /// The token in the path of a link, as it is written there.
    pub(crate) token: Option<&'a str>,
    /// The query, not decoded.
    pub(crate) query: Option<&'a str>,
    /// The body, for an endpoint that reads one; else empty.
    pub(crate) body: &'a RequestBody,
    /// Where the crew member is in the session's world, once that was looked up.
    pub(crate) crew_lookup: Option<CrewLookup>,
    /// The address of the caller, for what is counted without a key.
    pub(crate) address: std::net::IpAddr,
    headers: &'a HeaderMap,
    /// Read ahead where it decides.
    credential: Option<Credential<'a>>,
}

/// A request as it came: its head, its body where the endpoint reads one, and its connection.
pub(crate) struct IncomingRequest {
    pub(crate) parts: Parts,
    pub(crate) body: RequestBody,
    pub(crate) peer: Arc<Peer>,
}

/// An extractor for what axum answers: the router puts the peer beside its request.
impl<S: Send + Sync> FromRequestParts<S> for IncomingRequest {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ExtensionRejection> {
        let Extension(peer) = Extension::from_request_parts(parts, state).await?;
        Ok(Self::without_body(parts.clone(), peer))
    }
}

impl IncomingRequest {
    /// Creates a request whose body is not read.
    pub(crate) fn without_body(parts: Parts, peer: Arc<Peer>) -> Self {
        Self { parts, body: RequestBody::default(), peer }
    }
}

impl<'a> RequestContext<'a> {
    /// Reads a request for an endpoint, whose path the router has matched.
    pub(crate) fn new(endpoint: EndpointName, IncomingRequest { parts, body, peer }: &'a IncomingRequest) -> Self {
        let segments = endpoint.segments(parts.uri.path());
        Self {
            endpoint,
            head: parts.method == Method::HEAD,
            crew: segments.crew.and_then(decoded),
            document: segments.document.and_then(decoded),
            token: segments.token,
            query: parts.uri.query(),
            body,
            crew_lookup: None,
            address: peer.remote.ip(),
            headers: &parts.headers,
            credential: (!endpoint.is_by_link()).then(|| Credential::read(&parts.headers)),
        }
    }

    /// Returns the credential.
    pub fn credential(&self) -> Credential<'a> {
        self.credential.unwrap_or_else(|| Credential::read(self.headers))
    }

    /// Returns the first value of a header.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&'a http::HeaderValue> {
        self.headers.get(name)
    }

    /// Takes the ids that a verified token names.
    pub(crate) fn take_ids(&mut self, claims: &Claims<'a>) {
        self.crew = Some(claims.crew.clone());
        self.document = Some(claims.document.clone());
    }

    /// Looks the crew member up in a session's world, and the cached list where that is the answer.
    pub(crate) fn resolve_crew(&mut self, session: &Session) {
        let reads_list = self.endpoint.answers() == Some(Answers::DocumentList);
        self.crew_lookup = self.crew.as_deref().map(|id| session.resolve_crew(id, reads_list));
    }
}

/// Percent-decodes one segment, once (H). An id that is not UTF-8 is unknown, so it is `None`.
pub(crate) fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'%', segment.as_bytes()).is_none() {
        return Some(Cow::Borrowed(segment));
    }
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect::<Vec<_>>()
            .into_iter()
            .fold(HeaderMap::new(), |mut map, (name, value): (_, http::HeaderValue)| {
                map.append(name, value);
                map
            })
    }

    #[test]
    fn one_key_by_either_header() {
        let key = Credential::Key("cpk_test_a");
        assert_eq!(Credential::read(&headers(&[("authorization", "Bearer cpk_test_a")])), key);
        assert_eq!(Credential::read(&headers(&[("authorization", "bEARER  cpk_test_a ")])), key);
        assert_eq!(Credential::read(&headers(&[("x-partner-api-key", "cpk_test_a")])), key);
        let both = [("authorization", "Bearer cpk_test_a"), ("x-partner-api-key", "cpk_test_a")];
        assert_eq!(Credential::read(&headers(&both)), key);
    }

    #[test]
    fn what_is_no_credential() {
        for lines in [
            &[][..],
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer ")],
            &[("authorization", "Basic cpk_test_a")],
            &[("authorization", "cpk_test_a")],
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")],
            &[("x-partner-api-key", " ")],
            &[("authorization", "Basic x"), ("x-partner-api-key", "cpk_test_a")],
        ] {
            assert_eq!(Credential::read(&headers(lines)), Credential::Missing, "{lines:?}");
        }
    }

    #[test]
    fn two_keys_are_judged_by_policy() {
        let headers = headers(&[("authorization", "Bearer a"), ("x-partner-api-key", "b")]);
        let two = Credential::read(&headers);
        assert_eq!(two.judged(BothKeys::Bearer), Some("a"));
        assert_eq!(two.judged(BothKeys::Refused), None);
    }

    #[test]
    fn ids_are_decoded_once_and_as_one_segment() {
        assert_eq!(decoded("a%252Fb").as_deref(), Some("a%2Fb"));
        assert_eq!(decoded("a%2Fb").as_deref(), Some("a/b"));
        assert_eq!(decoded("%ff"), None);
    }
}
