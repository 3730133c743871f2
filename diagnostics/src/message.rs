//! A parser's error in plain words: the problem, the expectation, and a suggestion.

use serde_saphyr::Error;

use crate::suggest::did_you_mean;

/// The longest list of names that is shown beside a suggestion.
const LONGEST_LIST: usize = 12;

/// What messages call the names that are expected in one place, such as `field`, `fields` and `value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// A name of a mapping's key.
    pub field: &'static str,
    /// Many of them.
    pub fields: &'static str,
    /// A name of a choice.
    pub value: &'static str,
}

impl Noun {
    /// The nouns for a file that has no better ones.
    pub const GENERAL: Self = Self { field: "field", fields: "fields", value: "value" };
}

/// A parser's error in plain words.
pub(crate) struct Message {
    pub(crate) text: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
}

impl Message {
    /// Translates an error of the YAML parser.
    pub(crate) fn from_yaml(error: &Error, nouns: fn(&[&str]) -> Noun) -> Self {
        match error {
            Error::SerdeUnknownField { field, expected, .. } => unknown_field(field, expected, nouns(expected)),
            Error::SerdeUnknownVariant { variant, expected, .. } => unknown_value(variant, expected, nouns(expected)),
            Error::SerdeMissingField { field, .. } => {
                Self::new(format!("`{field}` is missing"), format!("this entry needs a field `{field}`"))
            }
            Error::SerdeInvalidType { unexpected, expected, .. }
            | Error::SerdeInvalidValue { unexpected, expected, .. } => {
                let expected = if expected.starts_with("a nonzero ") { "a whole number above 0" } else { expected };
                Self::new(format!("expected {expected}, found {unexpected}"), format!("expected {expected}"))
            }
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_deref().unwrap_or("this field");
                Self::new(format!("`{key}` is given twice"), "given before in the same entry".to_owned())
            }
            Error::Message { msg, .. } => Self::from_value(msg),
            Error::Unexpected { expected, .. } => Self::expected(type_name(expected)),
            Error::InvalidScalar { ty, .. } => Self::expected(type_name(ty)),
            other => Self::new(without_place(other), "here".to_owned()),
        }
    }

    /// Translates a message of another parser: serde's `expected one of` becomes advice.
    #[cfg(feature = "toml")]
    pub(crate) fn from_text(message: &str) -> Self {
        let message = message.lines().next().unwrap_or_default();
        let (text, help) = match message.split_once(", expected ") {
            Some((wrong, "a sequence")) => (wrong, Some("write a list, as in `[\"one\", \"two\"]`".to_owned())),
            Some((wrong, expected)) => (wrong, Some(format!("write {expected}"))),
            None => (message, None),
        };
        Self { help, ..Self::new(text.to_owned(), "here".to_owned()) }
    }

    /// Splits a message of one of our own types: the problem, then the advice.
    fn from_value(message: &str) -> Self {
        let split = message.split_once(": write ").map(|(wrong, help)| (wrong, format!("write {help}")));
        let split = split.or_else(|| message.split_once("; ").map(|(wrong, help)| (wrong, help.to_owned())));
        let (wrong, help) = split.map_or((message, None), |(wrong, help)| (wrong, Some(help)));
        Self { help, ..Self::new(wrong.to_owned(), "expected another value".to_owned()) }
    }

    const fn new(text: String, label: String) -> Self {
        Self { text, label, help: None }
    }

    fn expected(kind: &str) -> Self {
        Self::new(format!("expected {kind}"), format!("expected {kind}"))
    }
}

fn unknown_field(field: &str, expected: &[&str], noun: Noun) -> Message {
    let help = advice(field, expected, &format!("the {} here are", noun.fields));
    let text = format!("there is no {} `{field}` here", noun.field);
    Message { help: Some(help), ..Message::new(text, format!("unknown {}", noun.field)) }
}

fn unknown_value(value: &str, expected: &[&str], noun: Noun) -> Message {
    let text = format!("`{value}` is not a known {} here", noun.value);
    let help = advice(value, expected, "it can be");
    Message { help: Some(help), ..Message::new(text, format!("unknown {}", noun.value)) }
}

/// Suggests a name and lists all names, unless that is a long list behind a good guess.
pub(crate) fn advice(given: &str, expected: &[&str], lead: &str) -> String {
    let names: Vec<_> = expected.iter().map(|name| format!("`{name}`")).collect();
    let all = format!("{lead} {}", names.join(", "));
    match did_you_mean(given, expected.iter().copied()) {
        Some(guess) if expected.len() > LONGEST_LIST => guess,
        Some(guess) => format!("{guess} {all}"),
        None => all,
    }
}

/// Translates the parser's name of a type.
fn type_name(kind: &'static str) -> &'static str {
    match kind {
        "sequence start" => "a list",
        "mapping start" => "fields, each as `name: value`",
        "u64" => "a whole number that is not negative",
        "bool" | "boolean" => "`true` or `false`",
        other => other,
    }
}

/// Returns the first line of the parser's message, without `error: ` and the position.
fn without_place(error: &Error) -> String {
    let text = error.to_string();
    let text = text.lines().next().unwrap_or_default();
    text.find(" at line ").map_or(text, |end| &text[..end]).trim_start_matches("error: ").to_owned()
}
