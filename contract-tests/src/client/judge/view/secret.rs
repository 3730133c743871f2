//! Secrets in any spelling: raw, in Base64 alone or behind a user's name, percent-encoded, in hexadecimal.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use crewpass_mock::secret::masked;
use memchr::memmem::Finder;
use percent_encoding::percent_decode;

/// What is shorter is too common a text to be looked for.
const SHORTEST: usize = 8;

/// A secret with its spellings.
#[derive(Debug)]
pub(in crate::client::judge) struct Needles(Vec<(&'static str, Finder<'static>)>);

impl Needles {
    /// The spellings of a secret.
    pub(in crate::client::judge) fn of(secret: &str) -> Self {
        if secret.len() < SHORTEST {
            return Self(Vec::new());
        }
        let mut all = vec![("as it is", secret.to_owned()), ("in hexadecimal", hexadecimal(secret.as_bytes()))];
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

    /// How the secret is spelt in a text, if it is.
    pub(in crate::client::judge) fn within(&self, text: &[u8]) -> Option<&'static str> {
        if let Some(spelt) = self.plainly(text) {
            return Some(spelt);
        }
        let mut rest = Cow::Borrowed(text);
        // Encoded twice is still a leak; more often is nobody's mistake.
        for _ in 0..2 {
            let Cow::Owned(decoded) = Cow::from(percent_decode(&rest)) else { return None };
            if self.plainly(&decoded).is_some() {
                return Some("percent-encoded");
            }
            rest = Cow::Owned(decoded);
        }
        None
    }

    fn plainly(&self, text: &[u8]) -> Option<&'static str> {
        self.0.iter().find(|(_, needle)| needle.find(text).is_some()).map(|(spelt, _)| *spelt)
    }
}

/// Bytes in lower-case hexadecimal.
pub(in crate::client::judge) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// A text in which neither the key nor a token stands whole.
pub(super) fn hidden<'t>(key: &str, tokens: impl Iterator<Item = &'t str>, text: &str) -> String {
    let mut shown = if key.is_empty() { text.to_owned() } else { text.replace(key, &masked(key)) };
    for token in tokens {
        shown = shown.replace(token, &masked(token));
    }
    without_tokens(&shown)
}

/// Whatever looks like a token, also one that was changed on its way.
fn without_tokens(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.~%+=".contains(letter);
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("eyJ") {
        let (before, token) = rest.split_at(at);
        let end = token.find(|letter| !is_part(letter)).unwrap_or(token.len());
        shown.push_str(before);
        // Three letters alone are a token that is masked already.
        shown.push_str(&if end > 3 { masked(&token[..end]) } else { token[..end].to_owned() });
        rest = &token[end..];
    }
    shown.push_str(rest);
    shown
}
