//! Strict reading of YAML, JSON and TOML: an unknown field, a wrong type or a missing field is a problem with a place.

use std::cell::OnceCell;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location};

use crate::excerpt::Excerpt;
use crate::message::{Message, Noun};
use crate::places::Places;
use crate::problem::Problem;
use crate::strict_json;

/// Reads YAML.
pub fn read_yaml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problem> {
    Source::new(file, text).read_yaml()
}

/// Reads TOML.
#[cfg(feature = "toml")]
pub fn read_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| {
        let message = Message::from_text(error.message());
        let problem = Problem::of_file(file, message.text).help(message.help);
        match error.span() {
            Some(span) => problem.at(text, span),
            None => problem,
        }
    })
}

/// A text with the name by which messages call it.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    nouns: fn(&[&str]) -> Noun,
    /// The start of each line; found when the first place is asked for.
    lines: OnceCell<Vec<usize>>,
}

impl Source {
    /// Takes a text; a byte order mark at its start is dropped.
    pub fn new(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { name: name.to_owned(), text: text.to_owned(), nouns: |_| Noun::GENERAL, lines: OnceCell::new() }
    }

    /// Sets how messages call the names that are expected in one place.
    #[must_use]
    pub fn with_nouns(mut self, nouns: fn(&[&str]) -> Noun) -> Self {
        self.nouns = nouns;
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn is_json(&self) -> bool {
        let json_name = std::path::Path::new(&self.name).extension().is_some_and(|ending| ending == "json");
        json_name || self.text.trim_start().starts_with('{')
    }

    /// Reads the text, as JSON by its name or its first character, else as YAML.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.is_json() { self.read_json() } else { self.read_yaml() }
    }

    fn read_yaml<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_saphyr::from_str_with_options(&self.text, options()).map_err(|error| self.yaml_problem(&error))
    }

    /// Reads JSON. `serde_json` is fast and names no field's place, so a refused text is read again as YAML.
    fn read_json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        strict_json::from_str(&self.text).map_err(|error| {
            let as_yaml = error.is_data().then(|| self.read_yaml::<T>().err()).flatten();
            as_yaml.unwrap_or_else(|| self.json_problem(&error))
        })
    }

    fn json_problem(&self, error: &serde_json::Error) -> Problem {
        let message = strict_json::message(error);
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let problem = Problem::of_file(&self.name, format!("this is not valid JSON: {message}"));
        let line = self.lines().get(error.line().saturating_sub(1)).copied().unwrap_or_default();
        let at = line + error.column().saturating_sub(1);
        problem.at_excerpt(self.excerpt(at..at, false))
    }

    fn yaml_problem(&self, error: &Error) -> Problem {
        let problem = self.unplaced_problem(error);
        match error.location().and_then(|location| self.range(&location)) {
            Some(range) => problem.at_excerpt(self.excerpt(self.entry(error, range), false)),
            None => problem,
        }
    }

    /// Returns the parser's error in plain words, without a place.
    pub(crate) fn unplaced_problem(&self, error: &Error) -> Problem {
        let message = Message::from_yaml(error.without_snippet(), self.nouns);
        Problem::of_file(&self.name, message.text).help(message.help).label(message.label)
    }

    /// Returns the entry to mark: the parser names the last field of one that misses a field, a reader wants the first.
    fn entry(&self, error: &Error, range: Range<usize>) -> Range<usize> {
        match error.without_snippet() {
            Error::SerdeMissingField { .. } => Places::parse(&self.text).entry_of(range.start).unwrap_or(range),
            _ => range,
        }
    }

    /// Returns the lines around a range; that of a `secret` is masked whatever its form.
    pub fn excerpt(&self, range: Range<usize>, secret: bool) -> Excerpt {
        Excerpt::new(&self.text, self.line(range.start), range, secret)
    }

    /// Returns line and column, from 1, of a byte of the text.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let start = self.lines().get(line).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// Returns the line, from 0, that holds a byte.
    fn line(&self, at: usize) -> usize {
        self.lines().partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn lines(&self) -> &[usize] {
        let ends = || memchr::memchr_iter(b'\n', self.text.as_bytes());
        self.lines.get_or_init(|| std::iter::once(0).chain(ends().map(|at| at + 1)).collect())
    }

    /// Returns the bytes of a location, which the parser may know by line and column only.
    pub(crate) fn range(&self, location: &Location) -> Option<Range<usize>> {
        if location.line() == 0 {
            return None;
        }
        let span = location.span();
        if let Some(start) = span.byte_offset().and_then(|start| usize::try_from(start).ok()) {
            let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            return Some(start..start + length);
        }
        let line = usize::try_from(location.line()).ok()?;
        let at = self.offset(line, usize::try_from(location.column()).ok()?)?;
        Some(at..at)
    }

    /// Returns the byte at line and column, both from 1.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.lines().get(line.saturating_sub(1))?;
        let within = self.text.get(start..)?.char_indices().nth(column.saturating_sub(1));
        Some(start + within.map_or(0, |(at, _)| at))
    }
}

/// Returns the parser's options, wide enough for a large world; the guard against many aliases keeps its default.
pub(crate) fn options() -> serde_saphyr::Options {
    let budget = serde_saphyr::budget! {
        max_events: 400_000_000,
        max_nodes: 200_000_000,
        max_total_scalar_bytes: 4 << 30,
        max_total_comment_bytes: 1 << 30,
    };
    serde_saphyr::options! { budget: budget, with_snippet: false }
}
