//! Text into a world file: JSON by `serde_json`, everything else as YAML, and their errors as problems with a place.

use std::ops::Range;

use serde_saphyr::{Error, Location};

use super::excerpt::Excerpt;
use super::near::did_you_mean;
use super::problem::Problem;
use super::{Text, WorldFile};

/// A text with the name by which messages call it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { name: name.to_owned(), text: text.to_owned() }
    }

    fn is_json(&self) -> bool {
        let json_name = std::path::Path::new(&self.name).extension().is_some_and(|ending| ending == "json");
        json_name || self.text.trim_start().starts_with('{')
    }

    /// Reads the text; the texts that it shares are shared with no later world.
    pub(super) fn read(&self) -> Result<WorldFile, Problem> {
        let file = if self.is_json() { self.read_json() } else { self.read_yaml() };
        Text::end_sharing();
        file
    }

    fn read_yaml(&self) -> Result<WorldFile, Problem> {
        serde_saphyr::from_str_with_options(&self.text, options()).map_err(|error| self.problem(&error))
    }

    /// `serde_json` is fast and names no field's place, so a JSON world that it refuses is read again as YAML.
    fn read_json(&self) -> Result<WorldFile, Problem> {
        serde_json::from_str(&self.text).map_err(|error| {
            let again = error.is_data().then(|| self.read_yaml().err()).flatten();
            again.unwrap_or_else(|| self.json_problem(&error))
        })
    }

    fn json_problem(&self, error: &serde_json::Error) -> Problem {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let problem = Problem::of_file(&self.name, format!("this is no valid JSON: {message}"));
        let start: usize = self.text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = start + error.column().saturating_sub(1);
        problem.at(self.excerpt(at..at, false), "here")
    }

    fn problem(&self, error: &Error) -> Problem {
        let told = Told::of(error.without_snippet());
        let problem = Problem::of_file(&self.name, told.message).help(told.help);
        match error.location().and_then(|location| self.range(&location)) {
            Some(range) => problem.at(self.excerpt(range, false), &told.label),
            None => problem,
        }
    }

    pub(super) fn excerpt(&self, range: Range<usize>, secret: bool) -> Excerpt {
        Excerpt::of(&self.name, &self.text, range, secret)
    }

    /// The bytes of a location, which the parser may know by line and column only.
    fn range(&self, location: &Location) -> Option<Range<usize>> {
        if location.line() == 0 {
            return None;
        }
        let span = location.span();
        if let Some(start) = span.byte_offset().and_then(|start| usize::try_from(start).ok()) {
            let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            return Some(start..start + length);
        }
        let line = usize::try_from(location.line()).ok()? - 1;
        let column = usize::try_from(location.column()).ok()?.saturating_sub(1);
        let start: usize = self.text.split_inclusive('\n').take(line).map(str::len).sum();
        let within = self.text.get(start..)?.char_indices().nth(column).map_or(0, |(at, _)| at);
        Some(start + within..start + within)
    }
}

/// The parser's limits, wide enough for a large world; what guards against a bomb of aliases stays as it is.
fn options() -> serde_saphyr::Options {
    let budget = serde_saphyr::budget! {
        max_events: 400_000_000,
        max_nodes: 200_000_000,
        max_total_scalar_bytes: 4 << 30,
        max_total_comment_bytes: 1 << 30,
    };
    serde_saphyr::options! { budget: budget, with_snippet: false }
}

/// An error of the parser in our words.
struct Told {
    message: String,
    label: String,
    help: Option<String>,
}

impl Told {
    fn of(error: &Error) -> Self {
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
            Error::Message { msg, .. } => Self::new(msg.clone(), "not understood".to_owned()),
            Error::Unexpected { expected, .. } => {
                Self::new(format!("expected {expected}"), format!("expected {expected}"))
            }
            other => Self::new(plain(other), "here".to_owned()),
        }
    }

    const fn new(message: String, label: String) -> Self {
        Self { message, label, help: None }
    }

    fn unknown_field(field: &str, expected: &[&str]) -> Self {
        let guess = did_you_mean(field, expected.iter().copied());
        let fields = format!("the fields here are {}", listed(expected));
        Self {
            message: format!("there is no field `{field}` here"),
            label: "unknown field".to_owned(),
            help: Some(guess.map_or(fields.clone(), |guess| format!("{guess} {fields}"))),
        }
    }

    fn unknown_value(value: &str, expected: &[&str]) -> Self {
        let kind = if expected.iter().any(|name| name.contains(":read")) { "scope" } else { "value" };
        let guess = did_you_mean(value, expected.iter().copied());
        let choices = format!("it can be {}", listed(expected));
        Self {
            message: format!("`{value}` is no {kind} that is known here"),
            label: format!("unknown {kind}"),
            help: Some(guess.map_or(choices.clone(), |guess| format!("{guess} {choices}"))),
        }
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
