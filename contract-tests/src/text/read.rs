//! Strict reading: an unknown field, a wrong type or a missing field is a problem with a place.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location};

use super::near::did_you_mean;
use super::problem::Problem;

/// Reads YAML.
pub fn read_yaml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let (message, help) = told(error.without_snippet());
        let problem = Problem::of_file(file, message).help(help);
        match error.location().and_then(|location| range(text, &location)) {
            Some(range) => problem.at(text, range),
            None => problem,
        }
    })
}

/// Reads TOML.
pub fn read_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| {
        let (message, help) = in_sentences(error.message());
        let problem = Problem::of_file(file, message).help(help);
        match error.span() {
            Some(span) => problem.at(text, span),
            None => problem,
        }
    })
}

/// The parser's error in our words, and what to do.
fn told(error: &Error) -> (String, Option<String>) {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("there is no field `{field}` here"), Some(choices(field, expected, "the fields here are")))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("`{variant}` is no value that is known here"), Some(choices(variant, expected, "it can be")))
        }
        Error::SerdeMissingField { field, .. } => {
            (format!("`{field}` is missing"), Some(format!("add `{field}:` with its value to this entry")))
        }
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            (format!("expected {expected}, found {unexpected}"), Some(format!("write {expected} here")))
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("this field");
            (format!("`{key}` is given twice"), Some("keep one of the two".to_owned()))
        }
        other => {
            let text = other.to_string();
            let text = text.lines().next().unwrap_or_default();
            let text = text.find(" at line ").map_or(text, |end| &text[..end]);
            in_sentences(text.trim_start_matches("error: "))
        }
    }
}

/// serde's `expected one of` becomes what to do.
fn in_sentences(message: &str) -> (String, Option<String>) {
    let message = message.lines().next().unwrap_or_default();
    match message.split_once(", expected ") {
        Some((wrong, expected)) => (wrong.to_owned(), Some(format!("write {expected}"))),
        None => (message.to_owned(), None),
    }
}

/// What may have been meant, and what there is.
fn choices(given: &str, known: &[&str], lead: &str) -> String {
    let listed: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let all = format!("{lead} {}", listed.join(", "));
    match did_you_mean(given, known.iter().copied()) {
        Some(guess) => format!("{guess} {all}"),
        None => all,
    }
}

/// The bytes of a location, which the parser may know by line and column only.
fn range(text: &str, location: &Location) -> Option<Range<usize>> {
    let span = location.span();
    if let Some(start) = span.byte_offset().and_then(|start| usize::try_from(start).ok()) {
        let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        return Some(start..start + length);
    }
    let line = usize::try_from(location.line()).ok()?.checked_sub(1)?;
    let column = usize::try_from(location.column()).ok()?.saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let within = text.get(start..)?.char_indices().nth(column).map_or(0, |(at, _)| at);
    Some(start + within..start + within)
}
