//! Search for secrets in any encoding: raw, Base64 (also after a user name), percent-encoded,
//! hexadecimal.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use crewpass_mock::secret::masked;
use memchr::memmem::Finder;
use percent_encoding::percent_decode;

/// The shortest secret that is searched for; shorter texts are too common.
const SHORTEST: usize = 8;

/// A secret with its encodings.
#[derive(Debug)]
pub(in crate::client::judge) struct Needles(Vec<(&'static str, Finder<'static>)>);

impl Needles {
    /// Prepares the encodings of a secret.
    pub(in crate::client::judge) fn new(secret: &str) -> Self {
        if secret.len() < SHORTEST {
            return Self(Vec::new());
        }
        let mut all = vec![("as plain text", secret.to_owned()), ("in hexadecimal", hexadecimal(secret.as_bytes()))];
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

    /// Returns the encoding in which a text contains the secret, if it does.
    pub(in crate::client::judge) fn within(&self, text: &[u8]) -> Option<&'static str> {
        if let Some(spelt) = self.find_verbatim(text) {
            return Some(spelt);
        }
        let mut rest = Cow::Borrowed(text);
        // A secret that is encoded twice is still a leak; deeper nesting is not a client's mistake.
        for _ in 0..2 {
            let Cow::Owned(decode) = Cow::from(percent_decode(&rest)) else { return None };
            if self.find_verbatim(&decode).is_some() {
                return Some("percent-encoded");
            }
            rest = Cow::Owned(decode);
        }
        None
    }

    fn find_verbatim(&self, text: &[u8]) -> Option<&'static str> {
        self.0.iter().find(|(_, needle)| needle.find(text).is_some()).map(|(spelt, _)| *spelt)
    }
}

/// Returns bytes in lower-case hexadecimal.
pub(in crate::client::judge) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Returns a text in which the key and the tokens are masked.
pub(super) fn mask_secrets<'t>(key: &str, tokens: impl Iterator<Item = &'t str>, text: &str) -> String {
    let mut masked_text = if key.is_empty() { text.to_owned() } else { text.replace(key, &masked(key)) };
    for token in tokens {
        masked_text = masked_text.replace(token, &masked(token));
    }
    mask_tokens(&masked_text)
}

/// Masks everything that looks like a token, also one that was changed on its way.
fn mask_tokens(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.~%+=".contains(letter);
    let (mut masked_text, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("eyJ") {
        let (before, token) = rest.split_at(at);
        let end = token.find(|letter| !is_part(letter)).unwrap_or(token.len());
        masked_text.push_str(before);
        // Three letters alone are a token that is already masked.
        masked_text.push_str(&if end > 3 { masked(&token[..end]) } else { token[..end].to_owned() });
        rest = &token[end..];
    }
    masked_text.push_str(rest);
    masked_text
}
