//! Keys are masked in shown text, character for byte, so that columns and carets stay where they are.

use std::borrow::Cow;

/// How the secrets that a world may hold begin, a mistyped prefix among them.
const PREFIXES: [&str; 4] = ["cpk_test_", "cpk_live_", "cppk_", "cpk_"];

/// How many of the last characters of a key are shown.
const SHOWN: usize = 4;

/// The text with every key in it masked: its prefix and its last four characters stay, if the rest is long enough.
pub(super) fn mask_keys(text: &str) -> Cow<'_, str> {
    let mut masked: Option<String> = None;
    let mut at = 0;
    while let Some((start, prefix)) = next_key(text, at) {
        let secret = start + prefix;
        let end = text[secret..].find(|c: char| !is_of_key(c)).map_or(text.len(), |length| secret + length);
        let hidden = hidden_end(text, secret, end);
        let out = masked.get_or_insert_with(|| text.to_owned());
        out.replace_range(secret..hidden, &"*".repeat(hidden - secret));
        at = end.max(secret);
    }
    masked.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The text with the bytes of the range masked, but for a known prefix, or the first characters of a long text.
pub(super) fn mask_range(text: &str, range: std::ops::Range<usize>) -> String {
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

/// Where the next key begins, and how long its prefix is.
fn next_key(text: &str, from: usize) -> Option<(usize, usize)> {
    let found = PREFIXES.iter().filter_map(|prefix| Some((from + text.get(from..)?.find(prefix)?, prefix.len())));
    found.min_by_key(|(start, length)| (*start, std::cmp::Reverse(*length)))
}

/// Where the last characters that may be shown begin; the end where the key is too short to show any.
fn hidden_end(text: &str, secret: usize, end: usize) -> usize {
    let key = &text[secret..end];
    if key.chars().count() < 2 * SHOWN {
        return end;
    }
    key.char_indices().rev().nth(SHOWN - 1).map_or(end, |(at, _)| secret + at)
}

/// Whether a character can be part of a key; what ends a YAML or JSON scalar, or a quotation in a message, can't.
fn is_of_key(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '\'' | ',' | '`' | '[' | ']' | '{' | '}' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn other_secrets_are_masked_by_their_place() {
        assert_eq!(mask_range("key: sk_abcdefghi # x", 5..17), "key: sk_a******** # x");
        assert_eq!(mask_range("key: sk_abcdefgh # x", 5..16), "key: *********** # x");
        assert_eq!(mask_range("key: ab", 5..7), "key: **");
        assert_eq!(mask_range("key: 'cpk_test_a b'", 5..19), "key: 'cpk_test_****");
    }
}
