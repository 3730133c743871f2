//! What a request asks: the step, the key, the ids. Parsed once, at the edge; nothing later reads a header for these.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::extract::rejection::ExtensionRejection;
use http::header::{AUTHORIZATION, HOST, HeaderName};
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::http::Peer;
use crate::path;
use crate::policy::BothKeys;
use crate::session::{CrewLookup, Session};

/// A step of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// `GET /api/v2/partners/me`.
    Me,
    /// List a person's documents.
    List,
    /// Ask for a link.
    Link,
    /// Follow it.
    File,
    /// No endpoint: an unknown path or a wrong method.
    None,
}

/// The credential of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential<'a> {
    /// None, an empty one, or one that can't be read.
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
    /// Reads both key headers. The scheme's name is case-insensitive (H, RFC 9110 section 11.1); a repeated header or
    /// an empty key is no credential (D).
    pub fn read(headers: &'a HeaderMap) -> Self {
        let (mut bearer, mut header) = (None, None);
        // One pass over the few headers that a request has is quicker than two searches.
        for (name, value) in headers {
            let (key, known) = if name == AUTHORIZATION {
                (&mut bearer, value.to_str().ok().and_then(of_bearer))
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

    /// The key that picks the session.
    pub fn first(&self) -> Option<&'a str> {
        match self {
            Self::Missing => None,
            Self::Key(key) | Self::Two { bearer: key, .. } => Some(key),
        }
    }

    /// The key that is judged.
    pub fn judged(&self, policy: BothKeys) -> Option<&'a str> {
        match (self, policy) {
            (Self::Two { .. }, BothKeys::Refused) => None,
            _ => self.first(),
        }
    }
}

/// The other header of the key (P).
static API_KEY: HeaderName = HeaderName::from_static("x-partner-api-key");

fn of_bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_at_checked("bearer".len())?;
    let key = key.strip_prefix(' ')?.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// What a request asks, as it stands in its head.
#[derive(Debug)]
pub struct RequestContext<'a> {
    /// The step.
    pub step: Step,
    /// Whether it is a HEAD.
    pub head: bool,
    /// The crew member's id, decoded once; `None` where there is none or it is no text. At the file step, as the token
    /// says, whether or not it is a true one.
    pub crew: Option<Cow<'a, str>>,
    /// The document's id, the same way.
    pub document: Option<Cow<'a, str>>,
    /// The token of a file request, as it stands in the path.
    pub token: Option<&'a str>,
    /// Where the crew member is, once somebody has looked.
    pub(crate) crew_lookup: Option<CrewLookup>,
    headers: &'a HeaderMap,
    /// Read ahead where it decides.
    credential: Option<Credential<'a>>,
    /// The address of the caller, for what is counted without a key.
    pub address: std::net::IpAddr,
}

impl Step {
    /// The ids of the person and of the document in a path of this step.
    pub(crate) fn ids(self, path: &str) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
        match self {
            Self::List => (path::crew(path).and_then(|(crew, _)| decoded(crew)), None),
            Self::Link => {
                let ids = path::crew_and_document(path);
                (ids.and_then(|(crew, _)| decoded(crew)), ids.and_then(|(_, document)| decoded(document)))
            }
            Self::Me | Self::File | Self::None => (None, None),
        }
    }

    /// The token in a path of this step.
    pub(crate) fn token(self, path: &str) -> Option<&str> {
        if self == Self::File { path::token(path) } else { None }
    }
}

/// A request as it came: its head, and the connection that it came by.
pub(crate) struct IncomingRequest {
    pub(crate) parts: Parts,
    pub(crate) peer: Arc<Peer>,
}

/// For what axum answers: the router puts the peer beside its request.
impl<S: Send + Sync> FromRequestParts<S> for IncomingRequest {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ExtensionRejection> {
        let Extension(peer) = Extension::from_request_parts(parts, state).await?;
        Ok(Self { parts: parts.clone(), peer })
    }
}

impl<'a> RequestContext<'a> {
    /// Reads what a request asks at a step; the router has matched the path already.
    pub(crate) fn new(step: Step, IncomingRequest { parts, peer }: &'a IncomingRequest) -> Self {
        let (crew, document) = step.ids(parts.uri.path());
        let token = step.token(parts.uri.path());
        Self {
            step,
            head: parts.method == Method::HEAD,
            crew,
            document,
            token,
            crew_lookup: None,
            headers: &parts.headers,
            credential: (step != Step::File).then(|| Credential::read(&parts.headers)),
            address: peer.remote.ip(),
        }
    }

    /// The credential.
    pub fn credential(&self) -> Credential<'a> {
        self.credential.unwrap_or_else(|| Credential::read(self.headers))
    }

    /// Looks for the crew member in a session's world.
    pub(crate) fn resolve_crew(&mut self, session: &Session) {
        self.crew_lookup = self.crew.as_deref().map(|id| session.resolve_crew(id, self.step));
    }
}

/// Percent-decodes one segment, once (H); what is no UTF-8 is no id that anybody has.
fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// The origin that links are on.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// Always this one.
    pub public_url: Option<Box<str>>,
    /// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` are believed.
    pub trust_forwarded: bool,
}

impl Origins {
    /// The origin that the caller used: scheme of the connection, Host or :authority, or the bound address (D).
    pub(crate) fn of(&self, IncomingRequest { parts, peer }: &IncomingRequest) -> String {
        if let Some(url) = &self.public_url {
            return url.to_string();
        }
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let forwarded = |name: &str| if self.trust_forwarded { header(name).and_then(first_of_list) } else { None };
        let scheme = match forwarded("x-forwarded-proto") {
            Some("https") => "https",
            Some("http") => "http",
            _ if peer.tls => "https",
            _ => "http",
        };
        let host = forwarded("x-forwarded-host").or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
        let host =
            host.or_else(|| parts.headers.get(HOST).and_then(|value| value.to_str().ok())).filter(|host| is_host(host));
        match host {
            Some(host) => format!("{scheme}://{host}"),
            None => format!("{scheme}://{}", peer.local),
        }
    }
}

fn first_of_list(value: &str) -> Option<&str> {
    value.split(',').next().map(str::trim).filter(|text| !text.is_empty())
}

/// Whether a Host can stand in a link: a name or an address with a port at most, nothing that would move the link.
pub(crate) fn is_host(text: &str) -> bool {
    !text.is_empty() && !text.contains('@') && text.parse::<http::uri::Authority>().is_ok()
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
