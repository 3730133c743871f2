//! Text into a world file: JSON by `serde_json`, everything else as YAML, and their errors as problems with a place.

use std::cell::OnceCell;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location};

use super::WorldFile;
use super::excerpt::Excerpt;
use super::locate::Places;
use super::message::Told;
use super::pools::end_sharing;
use super::problem::Problem;

/// A text with the name by which messages call it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    /// Where each line begins; found when the first place is asked for.
    lines: OnceCell<Vec<usize>>,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { name: name.to_owned(), text: text.to_owned(), lines: OnceCell::new() }
    }

    fn is_json(&self) -> bool {
        let json_name = std::path::Path::new(&self.name).extension().is_some_and(|ending| ending == "json");
        json_name || self.text.trim_start().starts_with('{')
    }

    /// Reads the text; the texts that it shares are shared with no later world.
    pub(super) fn read(&self) -> Result<WorldFile, Problem> {
        let file = self.read_as();
        end_sharing();
        file
    }

    /// Reads the text as anything that a file may hold.
    pub(crate) fn read_as<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.is_json() { self.read_json() } else { self.read_yaml() }
    }

    fn read_yaml<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_saphyr::from_str_with_options(&self.text, options()).map_err(|error| self.problem(&error))
    }

    /// `serde_json` is fast and names no field's place, so a JSON world that it refuses is read again as YAML.
    fn read_json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_str(&self.text).map_err(|error| {
            let again = error.is_data().then(|| self.read_yaml::<T>().err()).flatten();
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
            Some(range) => problem.at(self.excerpt(self.entry(error, range), false), &told.label),
            None => problem,
        }
    }

    /// Where a field is missing, the parser names the last one that is there; a reader looks for the first.
    fn entry(&self, error: &Error, range: Range<usize>) -> Range<usize> {
        match error.without_snippet() {
            Error::SerdeMissingField { .. } => Places::of(&self.text).entry_of(range.start).unwrap_or(range),
            _ => range,
        }
    }

    pub(super) fn excerpt(&self, range: Range<usize>, secret: bool) -> Excerpt {
        Excerpt::of(&self.name, &self.text, self.line(range.start), range, secret)
    }

    /// Line and column, from 1, of a byte of the text.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let start = self.lines().get(line).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// The line, from 0, that holds a byte.
    fn line(&self, at: usize) -> usize {
        self.lines().partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn lines(&self) -> &[usize] {
        let ends = || self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        self.lines.get_or_init(|| std::iter::once(0).chain(ends().map(|(at, _)| at + 1)).collect())
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
