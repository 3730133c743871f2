//! The words of JSON in the messages of serde, which speak of Rust's types.

use crate::message::advice;

/// The words between found and expected in serde's messages.
const EXPECTED: &str = ", expected ";

/// Formats an error in the words of JSON, with the place.
pub fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    for begin in ["invalid type: ", "invalid value: "] {
        let Some(rest) = text.strip_prefix(begin) else { continue };
        // A visitor of a number names its own type, past the one that is around it.
        return match rest.rsplit_once(EXPECTED) {
            Some((found, expected)) => format!("{begin}{}{EXPECTED}{}", json_noun(found), json_noun(expected)),
            None => format!("{begin}{}", json_noun(rest)),
        };
    }
    plain_names(&text).unwrap_or(text)
}

/// Formats serde's message about an unknown value as advice, with its place; `None` for any other message.
pub fn plain_names(text: &str) -> Option<String> {
    let (name, rest) = text.strip_prefix("unknown variant `")?.split_once("`, expected ")?;
    let (list, place) = rest.split_at(rest.rfind(" at line ").unwrap_or(rest.len()));
    let known: Vec<_> = list.split('`').skip(1).step_by(2).collect();
    Some(format!("`{name}` is not a known value here{place}; {}", advice(name, &known, "it can be")))
}

/// Replaces the Rust name of a type at the start of a text.
pub(super) fn json_noun(text: &str) -> String {
    const NOUNS: [(&str, &str); 21] = [
        ("sequence", "array"),
        ("a sequence", "an array"),
        ("map", "object"),
        ("a map", "an object"),
        ("struct ", "an object"),
        ("tuple", "an array"),
        ("a tuple", "an array"),
        ("enum ", "one of its values"),
        ("unit", "null"),
        ("integer", "number"),
        ("floating point", "number"),
        ("u8", "a whole number that is not negative"),
        ("u16", "a whole number that is not negative"),
        ("u32", "a whole number that is not negative"),
        ("u64", "a whole number that is not negative"),
        ("usize", "a whole number that is not negative"),
        ("i64", "a whole number"),
        ("i32", "a whole number"),
        ("f64", "a number"),
        ("a nonzero u64", "a whole number above 0"),
        ("a nonzero u32", "a whole number above 0"),
    ];
    for (rust, json) in NOUNS {
        let Some(rest) = text.strip_prefix(rust) else { continue };
        if rust.ends_with(' ') {
            // The name of the type follows.
            return format!(
                "{json}{}",
                rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_')
            );
        }
        if !rest.starts_with(|letter: char| letter.is_alphanumeric()) {
            return format!("{json}{rest}");
        }
    }
    text.to_owned()
}
