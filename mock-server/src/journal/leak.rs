//! Detection of secrets that a client exposed: in logs of servers and proxies, or to the file's
//! host.

use std::fmt;

use crewpass_diagnostics::{SecretKind, has_secret};
use http::header::{AUTHORIZATION, COOKIE, REFERER};
use http::{HeaderMap, Uri};

use crate::endpoint::EndpointName;

/// A secret in a place where it does not belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// A key in a header at the file step, where the link is the credential.
    KeyAtFileStep,
    /// A key in the query.
    KeyInQuery,
    /// A key in the path.
    KeyInPath,
    /// A key in a cookie.
    KeyInCookie,
    /// A key in `Referer`.
    KeyInReferer,
    /// A token in the query.
    TokenInQuery,
    /// A token in `Referer`.
    TokenInReferer,
}

impl Leak {
    /// Returns the leak's name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyAtFileStep => "key-at-file-step",
            Self::KeyInQuery => "key-in-query",
            Self::KeyInPath => "key-in-path",
            Self::KeyInCookie => "key-in-cookie",
            Self::KeyInReferer => "key-in-referer",
            Self::TokenInQuery => "token-in-query",
            Self::TokenInReferer => "token-in-referer",
        }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns the secrets that a request leaks.
pub(super) fn leaks(step: EndpointName, uri: &Uri, headers: &HeaderMap) -> Vec<Leak> {
    let query = |kind| uri.query().is_some_and(|query| has_secret(query, kind));
    let header = |name: &str, kind| values(headers, name).any(|value| has_secret(&value, kind));
    let credential = |name: &str| values(headers, name).any(|value| !value.trim().is_empty());
    let seen = [
        (
            Leak::KeyAtFileStep,
            step.is_by_link() && [AUTHORIZATION.as_str(), "x-partner-api-key"].iter().any(|name| credential(name)),
        ),
        (Leak::KeyInQuery, query(SecretKind::Key)),
        (Leak::KeyInPath, has_secret(uri.path(), SecretKind::Key)),
        (Leak::KeyInCookie, header(COOKIE.as_str(), SecretKind::Key)),
        (Leak::KeyInReferer, header(REFERER.as_str(), SecretKind::Key)),
        (Leak::TokenInQuery, query(SecretKind::Token)),
        (Leak::TokenInReferer, header(REFERER.as_str(), SecretKind::Token)),
    ];
    seen.into_iter().filter(|(_, there)| *there).map(|(leak, _)| leak).collect()
}

fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()))
}
