//! The parts of a capture that no scenario may contain: keys, links' tokens, cookies.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::capture::{Entry, Header};

/// A shorter text can occur by chance.
const SHORTEST: usize = 6;

/// The beginnings of keys and tokens.
const BEGINNINGS: [&str; 3] = ["cpk_", "cppk_", "eyJ"];

/// Headers whose value is a secret.
const SECRET: [&str; 5] = ["authorization", "x-partner-api-key", "proxy-authorization", "cookie", "set-cookie"];

/// The secrets of a capture, the longest first.
#[derive(Debug)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn from_entries(entries: &[Entry]) -> Self {
        let mut all = BTreeSet::new();
        for entry in entries {
            all.extend(token(&entry.request.url));
            let headers = entry.request.headers.iter().chain(&entry.response.headers);
            for Header { name, value } in headers {
                if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
                    all.extend(credentials(value));
                } else if name.eq_ignore_ascii_case("location") {
                    all.extend(token(value));
                }
            }
            let body: Option<Value> =
                entry.response.content.text.as_deref().and_then(|text| serde_json::from_str(text).ok());
            all.extend(body.as_ref().and_then(|body| token(body.get("download_url")?.as_str()?)));
        }
        let mut all: Vec<_> = all.into_iter().filter(|secret| secret.len() >= SHORTEST).collect();
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(all)
    }

    /// Masks the known secrets in a text, and everything that looks like one.
    pub(super) fn masked(&self, text: &str) -> String {
        let known = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"));
        BEGINNINGS.iter().fold(known, |text, beginning| cut(&text, beginning))
    }

    /// Masks every text of a value, names of fields included.
    pub(super) fn mask(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.masked(text),
            Value::Array(all) => all.iter_mut().for_each(|value| self.mask(value)),
            Value::Object(fields) => {
                let named = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                    self.mask(&mut value);
                    (self.masked(&name), value)
                });
                *fields = named.collect();
            }
            _ => {}
        }
    }

    /// Returns true if a text contains one of the secrets.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret.as_str()))
    }
}

/// Returns the token of a link, with its query.
fn token(url: &str) -> Option<String> {
    crate::operation::token_of(url).map(ToOwned::to_owned)
}

/// Returns the secrets in the value of a header: the words of a credential, also decoded, or the values of cookies.
fn credentials(value: &str) -> Vec<String> {
    let words = value.split([' ', ';', ',']).map(|word| word.split_once('=').map_or(word, |(_, value)| value));
    let mut found: Vec<_> = words.filter(|word| !word.eq_ignore_ascii_case("bearer")).map(ToOwned::to_owned).collect();
    found.push(value.to_owned());
    let unpacked = value.split_once(' ').and_then(|(_, packed)| STANDARD.decode(packed).ok());
    let unpacked = unpacked.and_then(|bytes| String::from_utf8(bytes).ok());
    found.extend(unpacked.iter().flat_map(|pair| pair.split(':')).map(ToOwned::to_owned));
    found
}

/// Removes every word of a text that begins so.
fn cut(text: &str, beginning: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.~%+=…".contains(letter);
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(beginning) {
        let end = at + beginning.len();
        shown.push_str(&rest[..end]);
        shown.push('…');
        rest = rest[end..].trim_start_matches(is_part);
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_cut() {
        let secrets = Secrets(vec!["opensesame".to_owned()]);
        let masked = secrets.masked("a cpk_test_51aeb0fc9d22 and http://h/eyJh.c2Vj?x, opensesame");
        assert_eq!(masked, "a cpk_… and http://h/eyJ…?x, …");
        assert!(secrets.stand_in("an opensesame") && !secrets.stand_in(&masked));
    }

    #[test]
    fn a_credential_is_known_in_its_parts() {
        assert!(credentials("Bearer opensesame").contains(&"opensesame".to_owned()));
        assert!(credentials("Basic bWU6b3BlbnNlc2FtZQ==").contains(&"opensesame".to_owned()));
        assert!(credentials("sid=opensesame; Path=/").contains(&"opensesame".to_owned()));
    }
}
