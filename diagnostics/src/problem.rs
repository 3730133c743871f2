//! One problem of a text with its place, and all problems of a file or folder.

use std::fmt;
use std::ops::Range;

use crate::escape;
use crate::excerpt::Excerpt;
use crate::secret::mask_keys;

/// The longest file name that a message shows, in characters.
const LONGEST_NAME: usize = 1_000;

/// The longest message, label or advice, in characters.
const LONGEST_MESSAGE: usize = 4_000;

/// One problem of a text. Keys in it are masked, and control characters are escaped.
#[derive(Clone, Debug)]
pub struct Problem {
    file: String,
    message: String,
    label: String,
    help: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

impl Problem {
    /// Makes a problem of a whole file, without a place in it.
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: escape::line(file, LONGEST_NAME).into_owned(),
            message: harmless(&message.into()),
            label: "here".to_owned(),
            help: None,
            excerpt: None,
        }
    }

    /// Makes a problem of a file that can't be read.
    pub fn unreadable(file: &str, error: &std::io::Error) -> Self {
        Self::of_file(file, format!("this file can't be read: {error}"))
    }

    /// Adds the place in the text, in bytes; any range can be shown.
    #[must_use]
    pub fn at(self, text: &str, span: Range<usize>) -> Self {
        let line = text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count();
        let excerpt = Excerpt::new(text, line, span, false);
        self.at_excerpt(excerpt)
    }

    /// Adds the lines of the text that show the place.
    #[must_use]
    pub fn at_excerpt(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(Box::new(excerpt));
        self
    }

    /// Adds the place where the text has the word first, if it has it.
    #[must_use]
    pub fn at_word(self, text: &str, word: &str) -> Self {
        match find_word(text, word) {
            Some(span) => self.at(text, span),
            None => self,
        }
    }

    /// Sets what is written below the place; an empty label leaves the marks alone.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = harmless(&label.into());
        self
    }

    /// Sets the advice.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help.map(|help| harmless(&help));
        self
    }

    /// Returns the message, one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the advice, where there is a guess.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns the name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns line and column, from 1, where the problem has a place.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.excerpt.as_ref().map(|excerpt| excerpt.place())
    }

    pub(crate) fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_deref()
    }

    /// Returns the text below the place, if there is one.
    pub(crate) fn label_text(&self) -> Option<&str> {
        (!self.label.is_empty()).then_some(&*self.label)
    }
}

/// Masks keys, and escapes what a terminal would obey.
fn harmless(text: &str) -> String {
    escape::block(&mask_keys(text), LONGEST_MESSAGE).into_owned()
}

/// Finds a word that is not a part of a longer one.
fn find_word(text: &str, word: &str) -> Option<Range<usize>> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    let mut places = text.match_indices(word).map(|(start, _)| start..start + word.len());
    places.find(|span| !text[..span.start].ends_with(part) && !text[span.end..].starts_with(part))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// All problems of a file, or of a folder of them.
///
/// Its `Display` is one line a problem, for logs; `render` shows the lines of the file.
#[derive(Clone, Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Makes them from a list in the order of the file.
    pub const fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// Returns the problems, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_outside_of_longer_words() {
        let text = "a: CPK-RTY-011\nprovokes: [é, CPK-RTY-01]\n";
        let problem = Problem::of_file("s.yaml", "unknown").at_word(text, "CPK-RTY-01");
        assert_eq!(problem.to_string(), "s.yaml:2:15: unknown");
        let problem = Problem::of_file("s.yaml", "unknown").at_word(text, "CPK");
        assert_eq!(problem.to_string(), "s.yaml: unknown");
    }

    #[test]
    fn a_file_name_and_a_message_are_harmless() {
        let problem = Problem::of_file("\u{1b}[2J.yaml", "no cpk_test_0123456789abcdef\r");
        assert_eq!(problem.to_string(), "\\u{1b}[2J.yaml: no cpk_test_************cdef\\r");
    }
}
