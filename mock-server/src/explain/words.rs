//! How names are put into a sentence.

use crewpass_diagnostics::{escape, mask_text};

use super::advice::Remedy;

/// The longest text of a caller that is shown, in characters.
const LONGEST: usize = 400;

/// Masks and escapes a text of the caller, so that a sentence can hold it.
pub(super) fn shown(text: &str) -> String {
    escape::line(&mask_text(text), LONGEST).into_owned()
}

/// Joins names as `a`, `a and b`, `a, b and c`; `none` if there are none.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>, none: &str) -> String {
    let names: Vec<_> = names.into_iter().collect();
    match names.split_last() {
        None => none.to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// Returns ` is` or ` are`, for a number.
pub(super) const fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Asks for the nearest name, if there is one. A sentence begins with a capital, unless it begins with a name.
pub(super) fn did_you_mean(near: Option<&str>) -> Vec<Remedy> {
    near.map(|name| format!("Did you mean {name}?").into()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_one_says_them() {
        assert_eq!(list([], "nobody"), "nobody");
        assert_eq!(list(["a"], "nobody"), "a");
        assert_eq!(list(["a", "b", "c"], "nobody"), "a, b and c");
    }

    #[test]
    fn a_text_of_a_caller_is_shown_without_secrets_and_control_characters() {
        assert_eq!(shown("crew_\u{1b}[2J"), "crew_\\u{1b}[2J");
        assert_eq!(shown("cpk_test_0123456789abcdef"), "cpk_test_…cdef");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 400);
    }
}
