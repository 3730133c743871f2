//! The parser's errors in our words: what is wrong, what was expected, and what may have been meant.

use serde_saphyr::Error;

use super::suggest::did_you_mean;
use crate::policy::Policies;

/// Past a guess, so many names are still worth listing.
const WORTH_LISTING: usize = 12;

/// An error of the parser in our words.
pub(super) struct Told {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

impl Told {
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::SerdeUnknownField { field, expected, .. } => Self::unknown_field(field, expected),
            Error::SerdeUnknownVariant { variant, expected, .. } => Self::unknown_value(variant, expected),
            Error::SerdeMissingField { field, .. } => {
                Self::new(format!("`{field}` is missing"), format!("this entry needs a field `{field}`"))
            }
            Error::SerdeInvalidType { unexpected, expected, .. }
            | Error::SerdeInvalidValue { unexpected, expected, .. } => {
                Self::new(format!("expected {expected}, found {unexpected}"), format!("expected {expected}"))
            }
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_deref().unwrap_or("this field");
                Self::new(format!("`{key}` is given twice"), "given before in the same entry".to_owned())
            }
            Error::Message { msg, .. } => Self::of_value(msg),
            Error::Unexpected { expected, .. } => Self::expected(in_words(expected)),
            Error::InvalidScalar { ty, .. } => Self::expected(in_words(ty)),
            other => Self::new(plain(other), "here".to_owned()),
        }
    }

    const fn new(message: String, label: String) -> Self {
        Self { message, label, help: None }
    }

    fn expected(what: &str) -> Self {
        Self::new(format!("expected {what}"), format!("expected {what}"))
    }

    /// A message of one of our own types: what is wrong, then what to write.
    fn of_value(message: &str) -> Self {
        let split = message.split_once(": write ").map(|(wrong, help)| (wrong, format!("write {help}")));
        let split = split.or_else(|| message.split_once("; ").map(|(wrong, help)| (wrong, help.to_owned())));
        let (wrong, help) = split.map_or((message, None), |(wrong, help)| (wrong, Some(help)));
        Self { help, ..Self::new(wrong.to_owned(), "expected another value".to_owned()) }
    }

    fn unknown_field(field: &str, expected: &[&str]) -> Self {
        let (kind, kinds) =
            if Policies::names().eq(expected.iter().copied()) { ("policy", "policies") } else { ("field", "fields") };
        let help = help(field, expected, &format!("the {kinds} here are"));
        Self { help: Some(help), ..Self::new(format!("there is no {kind} `{field}` here"), format!("unknown {kind}")) }
    }

    fn unknown_value(value: &str, expected: &[&str]) -> Self {
        let kind = if expected.iter().any(|name| name.contains(":read")) { "scope" } else { "value" };
        let message = format!("`{value}` is no {kind} that is known here");
        Self { help: Some(help(value, expected, "it can be")), ..Self::new(message, format!("unknown {kind}")) }
    }
}

/// What may have been meant, and what there is, unless that is a long list behind a good guess.
fn help(given: &str, expected: &[&str], lead: &str) -> String {
    let all = format!("{lead} {}", listed(expected));
    match did_you_mean(given, expected.iter().copied()) {
        Some(guess) if expected.len() > WORTH_LISTING => guess,
        Some(guess) => format!("{guess} {all}"),
        None => all,
    }
}

/// The parser's name of a kind of value, for a reader.
fn in_words(kind: &'static str) -> &'static str {
    match kind {
        "sequence start" => "a list",
        "mapping start" => "fields, each as `name: value`",
        "u64" => "a whole number that is not negative",
        "bool" | "boolean" => "`true` or `false`",
        other => other,
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The parser's own message, without the place that it puts behind it.
fn plain(error: &Error) -> String {
    let text = error.to_string();
    let text = text.lines().next().unwrap_or_default();
    text.find(" at line ").map_or(text, |end| &text[..end]).trim_start_matches("error: ").to_owned()
}
