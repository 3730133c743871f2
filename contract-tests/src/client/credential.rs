//! The credential of a request to list or link, as judges and the doctor see it.

use super::trap::Trap;
use super::witness::Exchange;

/// A credential that is not exactly one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadCredential {
    /// There is none.
    Missing,
    /// It is the value of a trap.
    Planted(Trap),
    /// It is something else in Authorization.
    Other(String),
    /// It is another key in X-Partner-API-Key.
    OtherKey,
    /// It is the key with something else, in X-Partner-API-Key.
    NotAlone,
    /// There are several, in the headers with these names.
    Several(Vec<&'static str>),
    /// There are several in one header, joined by commas: its name, and their number.
    Joined(&'static str, usize),
}

impl BadCredential {
    /// Returns the credential in words, such as "no credential".
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Missing => "no credential".to_owned(),
            Self::Planted(trap) => format!("{} instead of the key", trap.describe()),
            Self::Other(value) => format!("`Authorization: {value}`"),
            Self::OtherKey => "another key in X-Partner-API-Key".to_owned(),
            Self::NotAlone => "the key and something else in X-Partner-API-Key".to_owned(),
            Self::Joined(name, count) => format!("{count} credentials in one {name}"),
            Self::Several(names) => format!("{} credentials: {}", names.len(), names.join(" and ")),
        }
    }
}

/// Returns the form of the key in a request that has it exactly once.
///
/// # Errors
/// The credential that the request has instead.
pub(crate) fn credential(exchange: &Exchange, key: &str) -> Result<&'static str, BadCredential> {
    const BEARER: &str = "the key is sent as a Bearer token";
    const OWN: &str = "the key is sent in X-Partner-API-Key";
    let bearer: Vec<&str> = exchange.header("authorization").collect();
    let own: Vec<&str> = exchange.header("x-partner-api-key").collect();
    match (bearer.as_slice(), own.as_slice()) {
        ([], []) => Err(BadCredential::Missing),
        ([value], []) if is_bearer(value, key) => Ok(BEARER),
        ([_], []) if let Some(trap) = Trap::shown_in(exchange) => Err(BadCredential::Planted(trap)),
        ([value], []) if let Some(count) = several_in(value, key) => Err(BadCredential::Joined("Authorization", count)),
        ([value], []) => Err(BadCredential::Other((*value).to_owned())),
        ([], [value]) if *value == key => Ok(OWN),
        ([], [value]) if let Some(count) = several_in(value, key) => {
            Err(BadCredential::Joined("X-Partner-API-Key", count))
        }
        ([], [value]) if value.contains(key) => Err(BadCredential::NotAlone),
        ([], [_]) => Err(BadCredential::OtherKey),
        (bearer, own) => {
            let names = bearer.iter().map(|_| "Authorization").chain(own.iter().map(|_| "X-Partner-API-Key"));
            Err(BadCredential::Several(names.collect()))
        }
    }
}

/// Returns the number of credentials in a value, if there are several: HTTP libraries join headers of a name by a comma.
fn several_in(value: &str, key: &str) -> Option<usize> {
    let is_one = |part: &&str| part.contains(key) || has_scheme(part);
    let count = value.split(',').map(str::trim).filter(is_one).count().max(value.matches(key).count());
    (count > 1).then_some(count)
}

/// Returns true if a text begins with the scheme of a token.
fn has_scheme(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
}

/// Returns true if a value of Authorization is the key as a Bearer token. The scheme is not
/// case-sensitive (RFC 9110 11.1).
pub(crate) fn is_bearer(value: &str, key: &str) -> bool {
    let parts = value.split_once(' ');
    parts.is_some_and(|(scheme, rest)| scheme.eq_ignore_ascii_case("bearer") && rest.trim() == key)
}
