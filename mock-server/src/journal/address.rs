//! Masking of e-mail addresses in texts whose fields have no names: targets, headers, lines of the log.

use std::borrow::Cow;

use crewpass_diagnostics::mask_text;

/// What stands between the two parts of an address: as it is, escaped, and escaped twice.
const SEPARATORS: [&str; 3] = ["@", "%40", "%2540"];

/// What a masked part is shown as.
const MASKED: char = '…';

/// Masks keys, tokens and e-mail addresses in a text.
pub(crate) fn mask_line(text: &str) -> Cow<'_, str> {
    match mask_text(text) {
        Cow::Borrowed(text) => mask_addresses(text),
        Cow::Owned(text) => Cow::Owned(mask_addresses(&text).into_owned()),
    }
}

/// Masks both parts of each e-mail address in a text, and keeps the separator.
pub(super) fn mask_addresses(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((at, separator)) = next_separator(rest) {
        let (before, after) = (&rest[..at], &rest[at + separator.len()..]);
        let local = before.trim_end_matches(is_of_local_part);
        let domain = &after[..after.find(|c| !is_of_domain(c)).unwrap_or(after.len())];
        if local.len() == before.len() || !is_name(domain) {
            shown.push_str(&rest[..at + separator.len()]);
            rest = after;
            continue;
        }
        shown.push_str(local);
        shown.push(MASKED);
        shown.push_str(separator);
        shown.push(MASKED);
        rest = &after[domain.len()..];
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

fn next_separator(text: &str) -> Option<(usize, &'static str)> {
    SEPARATORS.into_iter().filter_map(|separator| Some((text.find(separator)?, separator))).min()
}

/// Returns true if a part before the separator can have the character, escaped or not.
fn is_of_local_part(c: char) -> bool {
    c.is_alphanumeric() || "._%+-~'!#$*^".contains(c)
}

fn is_of_domain(c: char) -> bool {
    c.is_alphanumeric() || ".-%".contains(c)
}

/// Returns true if a domain is one, and not a version as in `axios@1.7`.
fn is_name(domain: &str) -> bool {
    let last = domain.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    last.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked_however_it_is_written() {
        for (text, masked) in [
            ("/lookup?email=ana.k@example.invalid&a=1", "/lookup?email=…@…&a=1"),
            ("/lookup?email=ana%2Bk%40example.invalid", "/lookup?email=…%40…"),
            ("/lookup?email=ana%2540example.invalid", "/lookup?email=…%2540…"),
            ("/crew/a@b/documents", "/crew/…@…/documents"),
            ("\"Ana\" <ana@example.invalid>, zoë@exämple.invalid.", "\"Ana\" <…@…>, …@…"),
            ("a@b@c", "…@…@c"),
        ] {
            assert_eq!(mask_addresses(text), masked, "{text}");
        }
    }

    #[test]
    fn a_text_without_an_address_stays() {
        for text in ["", "/a?b=c%20d", "@scope/package", "axios@1.7.2", "a @ b", "a@", "%40", "a@&b"] {
            assert_eq!(mask_line(text), text);
        }
    }

    #[test]
    fn a_key_is_masked_beside_an_address() {
        let text = "k=cpk_test_0123456789abcdef0123456789ab9f3a&e=a@b.invalid";
        assert_eq!(mask_line(text), "k=cpk_test_…9f3a&e=…@…");
    }
}
