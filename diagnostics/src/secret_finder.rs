//! Search for one whole secret in any spelling: raw, in Base64 alone or behind a user's name, percent-encoded, in hexadecimal.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;
use percent_encoding::percent_decode;

/// A shorter text is too common to be searched for.
const SHORTEST: usize = 8;

/// A search for a secret in all its spellings.
#[derive(Debug)]
pub struct SecretFinder(Vec<(&'static str, Finder<'static>)>);

impl SecretFinder {
    /// Prepares the search; a secret shorter than eight bytes is never found.
    pub fn new(secret: &str) -> Self {
        if secret.len() < SHORTEST {
            return Self(Vec::new());
        }
        let mut all = vec![("as plain text", secret.to_owned()), ("in hexadecimal", to_hex(secret.as_bytes()))];
        // Base64 of `key`, `:key` and `user:key` differ by where the key begins in a group of three bytes.
        for before in 0..3 {
            let text = format!("{}{secret}", &"\0\0"[..before]);
            let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
            for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                all.push(("in Base64", encoded[from..to].to_owned()));
            }
        }
        Self(all.into_iter().map(|(spelt, needle)| (spelt, Finder::new(&needle).into_owned())).collect())
    }

    /// Returns the spelling of the secret in a text, if the text has it.
    pub fn find_in(&self, text: &[u8]) -> Option<&'static str> {
        if let Some(spelt) = self.find_decoded(text) {
            return Some(spelt);
        }
        let mut rest = Cow::Borrowed(text);
        // A secret that is encoded twice is still a leak; nobody encodes more often by mistake.
        for _ in 0..2 {
            let Cow::Owned(decoded) = Cow::from(percent_decode(&rest)) else { return None };
            if self.find_decoded(&decoded).is_some() {
                return Some("percent-encoded");
            }
            rest = Cow::Owned(decoded);
        }
        None
    }

    fn find_decoded(&self, text: &[u8]) -> Option<&'static str> {
        self.0.iter().find(|(_, needle)| needle.find(text).is_some()).map(|(spelt, _)| *spelt)
    }
}

/// Formats bytes in lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let finder = SecretFinder::new("cpk_test_0123");
        assert_eq!(finder.find_in(b"key cpk_test_0123."), Some("as plain text"));
        assert_eq!(finder.find_in(to_hex(b"cpk_test_0123").as_bytes()), Some("in hexadecimal"));
        assert_eq!(finder.find_in(b"cpk%255Ftest%5F0123"), Some("percent-encoded"));
        for before in ["", ":", "ab:"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}cpk_test_0123;"));
            assert_eq!(finder.find_in(text.as_bytes()), Some("in Base64"), "{before}");
        }
        assert_eq!(finder.find_in(b"cpk_test_0124"), None);
        assert_eq!(SecretFinder::new("short").find_in(b"short"), None);
    }
}
