//! Masking of API keys and link tokens in texts.
//!
//! A secret is found in plain text, percent-encoded, and in base64 (as in `Authorization: Basic`).
//! Its end is uncertain, so too much is masked rather than too little.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};
use http::HeaderValue;
use percent_encoding::percent_decode_str;

use crate::secret::masked;

/// The prefixes of all kinds of keys.
const KEY_PREFIXES: [&str; 2] = ["cpk_", "cppk_"];

/// The prefix of a token.
const TOKEN_PREFIX: &str = "eyJ";

/// The minimum length of base64 that can contain a key.
const MIN_BASE64_LEN: usize = 16;

const LENIENT: GeneralPurposeConfig =
    NO_PAD.with_decode_padding_mode(Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// A kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    Key,
    Token,
}

/// Masks every key and token in a text.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    // Most texts contain no secret; they are returned without a copy.
    if !pieces(text).any(|piece| find_secret(piece).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut masked_text = String::with_capacity(text.len());
    let mut end = 0;
    for piece in pieces(text) {
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        masked_text.push_str(&text[end..start]);
        end = start + piece.len();
        match find_secret(piece) {
            None => masked_text.push_str(piece),
            Some(Secret::Plain(at, _)) => {
                masked_text.push_str(&piece[..at]);
                masked_text.push_str(&masked(&piece[at..]));
            }
            Some(Secret::Encoded(secret, _)) => {
                let name = piece.split_once('=').map_or("", |(name, _)| &piece[..=name.len()]);
                masked_text.push_str(if find_secret(name).is_none() { name } else { "" });
                masked_text.push_str(&masked(&secret));
            }
        }
    }
    masked_text.push_str(&text[end..]);
    Cow::Owned(masked_text)
}

/// Masks the value of a header. A credential is masked in any form.
pub(crate) fn mask_header(name: &str, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    match name {
        "authorization" => match text.split_once(' ') {
            Some((scheme, credential)) => format!("{} {}", mask(scheme), masked(credential.trim())),
            None => masked(&text),
        },
        "x-partner-api-key" | "proxy-authorization" => masked(text.trim()),
        _ => mask(&text).into_owned(),
    }
}

/// Masks every string and every field name in a JSON value.
pub(crate) fn mask_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if let Cow::Owned(masked_text) = mask(text) {
                *text = masked_text;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_json),
        serde_json::Value::Object(fields) => {
            let named = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                mask_json(&mut value);
                (mask(&name).into_owned(), value)
            });
            *fields = named.collect();
        }
        _ => {}
    }
}

/// Returns true if a text contains a secret of that kind.
pub(crate) fn contains_secret(text: &str, kind: SecretKind) -> bool {
    pieces(text).filter_map(find_secret).any(|secret| match secret {
        Secret::Plain(_, found) | Secret::Encoded(_, found) => found == kind,
    })
}

enum Secret {
    /// A secret from this offset to the end of the piece.
    Plain(usize, SecretKind),
    /// An encoded secret; the piece is hidden as a whole.
    Encoded(String, SecretKind),
}

/// Splits a text at characters that end a secret.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control() || "\"'<>&;#?,".contains(c))
}

fn find_secret(piece: &str) -> Option<Secret> {
    if let Some((at, kind)) = find_plain(piece) {
        return Some(Secret::Plain(at, kind));
    }
    if piece.contains('%') {
        let decoded = percent_decode_str(piece).decode_utf8_lossy();
        if let Some((at, kind)) = find_plain(&decoded) {
            return Some(Secret::Encoded(decoded[at..].to_owned(), kind));
        }
        return find_in_base64(&decoded);
    }
    find_in_base64(piece)
}

/// Returns the offset of the first plain secret.
fn find_plain(text: &str) -> Option<(usize, SecretKind)> {
    let key = KEY_PREFIXES.iter().filter_map(|prefix| text.find(prefix)).min().map(|at| (at, SecretKind::Key));
    let token = text.match_indices(TOKEN_PREFIX).map(|(at, _)| at).find(|at| text.len() - at >= MIN_BASE64_LEN);
    key.into_iter().chain(token.map(|at| (at, SecretKind::Token))).min_by_key(|(at, _)| *at)
}

fn find_in_base64(text: &str) -> Option<Secret> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/-_".contains(c));
    let decoded = runs.filter(|run| run.len() >= MIN_BASE64_LEN).find_map(|run| {
        // Text in front of the base64 shifts it, so all four alignments are tried.
        (0..4).find_map(|skip| {
            let run = run.get(skip..)?;
            let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            let bytes = STANDARD.decode(run).or_else(|_| URL_SAFE.decode(run)).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            KEY_PREFIXES.iter().find_map(|prefix| text.find(prefix)).map(|at| text[at..].to_owned())
        })
    });
    decoded.map(|secret| Secret::Encoded(secret, SecretKind::Key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "cpk_test_0123456789abcdef0123456789ab9f3a";
    const TOKEN_TEXT: &str = "eyJzIjoiZGVmYXVsdCIsImMiOiJjcmV3XzAwMSJ9.c2lnbmF0dXJlLXRoYXQtaXMtbmcw";

    #[test]
    fn a_secret_is_masked_anywhere_in_a_text() {
        assert_eq!(mask(&format!("/a?key={KEY}&b=1")), "/a?key=cpk_test_…9f3a&b=1");
        assert_eq!(mask(&format!("sid=1; key={KEY}; b")), "sid=1; key=cpk_test_…9f3a; b");
        assert_eq!(mask(&format!("http://a/api/v2/files/{TOKEN_TEXT}?x")), "http://a/api/v2/files/eyJ…bmcw?x");
        assert_eq!(mask("/a?key=cppk_0123456789abcdef"), "/a?key=cppk_…cdef");
        assert_eq!(mask("/a?key=cpk%5Ftest_0123456789ab9f3a&c"), "/a?key=cpk_test_…9f3a&c");
        assert_eq!(mask("/crew/crew_001/documents"), "/crew/crew_001/documents");
    }

    #[test]
    fn a_key_in_base64_is_masked() {
        for before in ["", "a", "ab", "abc", "user:"] {
            let hidden = base64::engine::general_purpose::STANDARD.encode(format!("{before}{KEY}"));
            assert!(contains_secret(&hidden, SecretKind::Key), "{before}");
            assert!(mask(&hidden).starts_with("cpk_test_…9f3a"), "{before}");
            assert!(mask(&format!("/a?auth={hidden}&b=1")).ends_with("=cpk_test_…9f3a&b=1"), "{before}");
        }
    }

    #[test]
    fn a_credential_is_masked_in_any_form() {
        let masked_text = |name, text| mask_header(name, &HeaderValue::from_static(text));
        assert_eq!(masked_text("authorization", "Bearer open-sesame-1234"), "Bearer …1234");
        assert_eq!(masked_text("x-partner-api-key", "short"), "…");
        assert_eq!(masked_text("accept", "application/json"), "application/json");
    }

    #[test]
    fn json_is_masked_in_its_texts_and_names() {
        let mut value = serde_json::json!({KEY: [{"download_url": format!("http://a/{TOKEN_TEXT}")}], "n": 1});
        mask_json(&mut value);
        let text = value.to_string();
        assert!(!text.contains(KEY) && !text.contains(TOKEN_TEXT), "{text}");
        assert!(text.contains("cpk_test_…9f3a") && text.contains("http://a/eyJ…"), "{text}");
    }
}
