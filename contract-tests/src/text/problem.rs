//! One thing that is wrong with a text, with its place in it, and how a person is told of it.

use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

/// One thing that is wrong with a text.
#[derive(Clone, Debug)]
pub struct Problem {
    file: String,
    message: String,
    label: String,
    help: Option<String>,
    place: Option<Box<RunPermit>>,
}

#[derive(Clone, Debug)]
struct RunPermit {
    text: NamedSource<String>,
    span: Range<usize>,
    line: usize,
    column: usize,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), message: message.into(), label: "here".to_owned(), help: None, place: None }
    }

    /// A file that can't be read.
    pub fn unreadable(file: &str, error: &std::io::Error) -> Self {
        Self::of_file(file, format!("this file can't be read: {error}"))
    }

    /// With the place in the text that it is about.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.floor_char_boundary(span.end.min(text.len())).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
        self.place = Some(Box::new(RunPermit {
            text: NamedSource::new(&self.file, text.to_owned()),
            span: start..end.max(start + text[start..].chars().next().map_or(0, char::len_utf8)),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
        }));
        self
    }

    /// With the place where a word stands in the text for the first time, if it does.
    #[must_use]
    pub fn at_word(self, text: &str, word: &str) -> Self {
        match find_word(text, word) {
            Some(span) => self.at(text, span),
            None => self,
        }
    }

    /// With what stands at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With what to do.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do, where there is a guess.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Line and column, from 1, where the problem has a place.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place.as_ref().map(|place| (place.line, place.column))
    }
}

/// Where a word stands that is not a part of a longer one.
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

/// A problem as miette shows it: the place is in the header of the excerpt, so the message is bare where there is one.
#[derive(Debug)]
struct Shown<'a>(&'a Problem);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.place {
            Some(_) => f.write_str(&self.0.message),
            None => self.0.fmt(f),
        }
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.place.as_ref().map(|place| &place.text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.0.place.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(self.0.label.clone()), place.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything that is wrong with a text, or a folder of them.
#[derive(Clone, Debug)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Every problem with its lines and what to do, for a terminal `width` characters wide.
    pub fn render(&self, color: bool, width: usize) -> String {
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width.max(20))
            .with_context_lines(1)
            .with_links(false)
            .without_syntax_highlighting();
        let mut out = String::new();
        for problem in &self.0 {
            // Writing to a String can't fail; a renderer that gave up still leaves the one-line form.
            if handler.render_report(&mut out, &Shown(problem)).is_err() {
                out.push_str(&problem.to_string());
            }
            out.push('\n');
        }
        let plural = if self.0.len() == 1 { "" } else { "s" };
        out + &format!("{} problem{plural}\n", self.0.len())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_where_it_stands_alone() {
        let text = "a: CPK-RTY-011\nprovokes: [é, CPK-RTY-01]\n";
        let problem = Problem::of_file("s.yaml", "unknown").at_word(text, "CPK-RTY-01");
        assert_eq!(problem.to_string(), "s.yaml:2:15: unknown");
        assert_eq!(Problem::of_file("s.yaml", "unknown").at_word(text, "CPK").to_string(), "s.yaml: unknown");
    }

    #[test]
    fn any_span_can_be_shown() {
        for text in ["", "\n", "é", "a\nb"] {
            for start in 0..5 {
                let problems = Problems::from(Problem::of_file("f", "wrong").at(text, start..start + 1));
                assert!(problems.render(false, 80).contains("wrong"), "{text:?} {start}");
            }
        }
    }
}
