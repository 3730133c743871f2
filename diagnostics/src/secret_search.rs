//! Masking of a text that may hold an API key, a link's token or a cursor.
//!
//! A secret is found plain, percent-encoded, and in base64 (as in `Authorization: Basic`). Where it ends is not
//! known for sure, so too much is masked rather than too little.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};
use percent_encoding::percent_decode_str;

use crate::secret::mask_secret;

/// The prefixes of keys of any kind.
const KEYS: [&str; 2] = ["cpk_", "cppk_"];

/// The prefix of a token.
const TOKEN: &str = "eyJ";

/// The prefix of a cursor.
const CURSOR: &str = "cur_";

/// No cursor is shorter, and no usual word longer.
const CURSOR_AT_LEAST: usize = 64;

/// Shorter runs of base64 can hold no key.
const BASE64_AT_LEAST: usize = 16;

const LENIENT: GeneralPurposeConfig =
    NO_PAD.with_decode_padding_mode(Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// The kinds of secret that a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// An API key.
    Key,
    /// A link's token.
    Token,
    /// The cursor of a page.
    Cursor,
}

/// Masks every key, token and cursor in a text.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    if !pieces(text).any(|piece| in_piece(piece).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for piece in pieces(text) {
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        shown.push_str(&text[end..start]);
        end = start + piece.len();
        match in_piece(piece) {
            None => shown.push_str(piece),
            Some(Secret::Plain(at, _)) => {
                shown.push_str(&piece[..at]);
                shown.push_str(&mask_secret(&piece[at..]));
            }
            Some(Secret::Encoded(secret, _)) => {
                let name = piece.split_once('=').map_or("", |(name, _)| &piece[..=name.len()]);
                let name = if name.is_empty() && piece.starts_with('/') { "/" } else { name };
                shown.push_str(if in_piece(name).is_none() { name } else { "" });
                shown.push_str(&mask_secret(&secret));
            }
        }
    }
    shown.push_str(&text[end..]);
    Cow::Owned(shown)
}

/// Returns true if a text has a secret of that kind.
pub fn has_secret(text: &str, kind: SecretKind) -> bool {
    pieces(text).filter_map(in_piece).any(|secret| match secret {
        Secret::Plain(_, held) | Secret::Encoded(_, held) => held == kind,
    })
}

enum Secret {
    /// A secret from this place to the end of the piece.
    Plain(usize, SecretKind),
    /// A secret in another spelling; the whole piece is masked.
    Encoded(String, SecretKind),
}

/// Cuts a text where a secret would end.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control() || "\"'`<>&;#?,".contains(c))
}

fn in_piece(piece: &str) -> Option<Secret> {
    if let Some((at, kind)) = plain(piece) {
        return Some(Secret::Plain(at, kind));
    }
    if piece.contains('%') {
        let decoded = percent_decode_str(piece).decode_utf8_lossy();
        if let Some((at, kind)) = plain(&decoded) {
            return Some(Secret::Encoded(decoded[at..].to_owned(), kind));
        }
        return in_base64(&decoded);
    }
    in_base64(piece)
}

/// Finds the start of a plain secret.
fn plain(text: &str) -> Option<(usize, SecretKind)> {
    let key = KEYS.iter().filter_map(|prefix| text.find(prefix)).min().map(|at| (at, SecretKind::Key));
    let token = text.match_indices(TOKEN).map(|(at, _)| at).find(|at| text.len() - at >= BASE64_AT_LEAST);
    let cursor = text.match_indices(CURSOR).map(|(at, _)| at).find(|at| text.len() - at >= CURSOR_AT_LEAST);
    let others = [(token, SecretKind::Token), (cursor, SecretKind::Cursor)];
    let others = others.into_iter().filter_map(|(at, kind)| Some((at?, kind)));
    key.into_iter().chain(others).min_by_key(|(at, _)| *at)
}

fn in_base64(text: &str) -> Option<Secret> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/-_".contains(c));
    let decoded = runs.filter(|run| run.len() >= BASE64_AT_LEAST).find_map(|run| {
        // A word in front moves what follows, so each of the four places is tried.
        (0..4).find_map(|skip| {
            let run = run.get(skip..)?;
            let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            let bytes = STANDARD.decode(run).or_else(|_| URL_SAFE.decode(run)).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            KEYS.iter().find_map(|prefix| text.find(prefix)).map(|at| text[at..].to_owned())
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
    fn a_secret_is_masked_wherever_it_is() {
        assert_eq!(mask_text(&format!("/a?key={KEY}&b=1")), "/a?key=cpk_test_…9f3a&b=1");
        assert_eq!(mask_text(&format!("sid=1; key={KEY}; b")), "sid=1; key=cpk_test_…9f3a; b");
        assert_eq!(mask_text(&format!("http://a/api/v2/files/{TOKEN_TEXT}?x")), "http://a/api/v2/files/eyJ…bmcw?x");
        assert_eq!(mask_text("/a?key=cppk_0123456789abcdef"), "/a?key=cppk_…cdef");
        assert_eq!(mask_text("/a?key=cpk%5Ftest_0123456789ab9f3a&c"), "/a?key=cpk_test_…9f3a&c");
        assert_eq!(mask_text("/cpk%5Ftest_0123456789ab9f3a"), "/cpk_test_…9f3a");
        assert_eq!(mask_text("/crew/crew_001/documents"), "/crew/crew_001/documents");
    }

    #[test]
    fn a_cursor_is_masked_and_a_word_is_not() {
        let cursor = format!("cur_{}9f3a", "Ab-_".repeat(20));
        assert_eq!(mask_text(&format!("/fleet?cursor={cursor}&limit=2")), "/fleet?cursor=cur_…9f3a&limit=2");
        assert!(has_secret(&cursor, SecretKind::Cursor) && !has_secret(&cursor, SecretKind::Token));
        assert_eq!(mask_text("cur_short occur_again"), "cur_short occur_again");
    }

    #[test]
    fn a_key_in_base64_is_masked() {
        for before in ["", "a", "ab", "abc", "user:"] {
            let hidden = base64::engine::general_purpose::STANDARD.encode(format!("{before}{KEY}"));
            assert!(has_secret(&hidden, SecretKind::Key), "{before}");
            assert!(mask_text(&hidden).starts_with("cpk_test_…9f3a"), "{before}");
            assert!(mask_text(&format!("/a?auth={hidden}&b=1")).ends_with("=cpk_test_…9f3a&b=1"), "{before}");
        }
    }
}
