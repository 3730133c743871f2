//! Masking of one secret, and of keys in place: byte for byte, so that columns and carets keep their places.

use std::borrow::Cow;

/// The prefixes of keys, a mistyped one among them.
const PREFIXES: [&str; 4] = ["cpk_test_", "cpk_live_", "cppk_", "cpk_"];

/// The last characters of a key that are shown.
const SHOWN: usize = 4;

/// Masks a secret as its public prefix and its last four characters: `cpk_test_…9f3a`.
///
/// A secret with fewer than eight characters behind its prefix shows the prefix only.
pub fn mask_secret(secret: &str) -> String {
    let known = PREFIXES.into_iter().chain(["eyJ", "cur_"]).find(|prefix| secret.starts_with(prefix));
    let prefix = known.unwrap_or("");
    let rest = &secret[prefix.len()..];
    // A text that is masked already keeps what it shows.
    if rest.chars().count() == SHOWN + 1 && rest.starts_with('…') {
        return secret.to_owned();
    }
    // A short rest would be shown nearly whole by its last four characters.
    let shown = if rest.chars().count() < 2 * SHOWN { None } else { rest.char_indices().nth_back(SHOWN - 1) };
    format!("{prefix}…{}", shown.map_or("", |(at, _)| &rest[at..]))
}

/// Masks every key in a text; its prefix and its last four characters stay, if the rest is long enough.
pub fn mask_keys(text: &str) -> Cow<'_, str> {
    let mut masked: Option<String> = None;
    let mut at = 0;
    while let Some((start, prefix)) = next_key(text, at) {
        let secret = start + prefix;
        let end = text[secret..].find(|c: char| !is_key_char(c)).map_or(text.len(), |length| secret + length);
        let hidden = hidden_end(text, secret, end);
        let out = masked.get_or_insert_with(|| text.to_owned());
        out.replace_range(secret..hidden, &"*".repeat(hidden - secret));
        at = end.max(secret);
    }
    masked.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Masks the bytes of a range, but for a known prefix, or the first characters of a long text.
pub fn mask_span(text: &str, range: std::ops::Range<usize>) -> String {
    let Some(secret) = text.get(range.clone()) else { return text.to_owned() };
    let quote = secret.len() - secret.trim_start_matches(['"', '\'']).len();
    let bare = &secret[quote..];
    let known = PREFIXES.iter().find(|prefix| bare.starts_with(**prefix)).map(|prefix| prefix.len());
    let first = || if bare.chars().count() < 3 * SHOWN { None } else { bare.char_indices().nth(SHOWN) };
    let start = range.start + quote + known.or_else(|| first().map(|(at, _)| at)).unwrap_or(0);
    let mut masked = text.to_owned();
    masked.replace_range(start..range.end, &"*".repeat(range.end - start));
    masked
}

/// Returns the start of the next key and the length of its prefix.
fn next_key(text: &str, from: usize) -> Option<(usize, usize)> {
    let starts = PREFIXES.iter().filter_map(|prefix| Some((from + text.get(from..)?.find(prefix)?, prefix.len())));
    starts.min_by_key(|(start, length)| (*start, std::cmp::Reverse(*length)))
}

/// Returns the start of the last characters that are shown, or the end if the key is too short to show any.
fn hidden_end(text: &str, secret: usize, end: usize) -> usize {
    let key = &text[secret..end];
    if key.chars().count() < 2 * SHOWN {
        return end;
    }
    key.char_indices().rev().nth(SHOWN - 1).map_or(end, |(at, _)| secret + at)
}

/// Returns true if a key can have the character; the end of a YAML or JSON scalar or of a quotation is not in a key.
fn is_key_char(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '\'' | ',' | '`' | '[' | ']' | '{' | '}' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_its_prefix_and_its_end() {
        assert_eq!(mask_secret("cpk_test_0123456789abcdef0123456789abcdef"), "cpk_test_…cdef");
        assert_eq!(mask_secret("cpk_test_short"), "cpk_test_…");
        assert_eq!(mask_secret("eyJzIjoiZGVmYXVsdCJ9"), "eyJ…dCJ9");
        assert_eq!(mask_secret("cpk_test_…cdef"), "cpk_test_…cdef");
    }

    #[test]
    fn keys_are_masked_in_place() {
        let line = "  - {name: a, key: cpk_test_0123456789abcdef, x: \"cpk_live_short\"} # é";
        let masked = mask_keys(line);
        assert_eq!(masked, "  - {name: a, key: cpk_test_************cdef, x: \"cpk_live_*****\"} # é");
        assert_eq!(masked.len(), line.len());
        assert_eq!(mask_keys("cpk_tset_0123456789, cppk_x"), "cpk_***********6789, cppk_*");
        assert_eq!(mask_keys("cpk_test_12345678 cpk_test_1234567"), "cpk_test_****5678 cpk_test_*******");
        assert_eq!(mask_keys("cpk_test_cpk_test_0123456789"), "cpk_test_***************6789");
    }

    #[test]
    fn other_secrets_are_masked_by_their_span() {
        assert_eq!(mask_span("key: sk_abcdefghi # x", 5..17), "key: sk_a******** # x");
        assert_eq!(mask_span("key: sk_abcdefgh # x", 5..16), "key: *********** # x");
        assert_eq!(mask_span("key: ab", 5..7), "key: **");
        assert_eq!(mask_span("key: 'cpk_test_a b'", 5..19), "key: 'cpk_test_****");
    }
}
