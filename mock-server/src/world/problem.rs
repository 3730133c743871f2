//! What is wrong with a world, as one type, whoever found it: the parser, the checks, or the disk.
//!
//! `WorldError` carries every problem. Its `Display` is one line a problem, for logs; `render` shows the lines of the
//! file with what was expected there.

use std::fmt;
use std::path::Path as FilePath;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::excerpt::Excerpt;
use super::mask::mask_keys;

/// One thing that is wrong with a world.
#[derive(Clone, Debug)]
pub struct Problem {
    file: String,
    message: String,
    label: String,
    help: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

impl Problem {
    /// A problem of a whole file, without a place in it.
    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        let message = mask_keys(&message.into()).into_owned();
        Self { file: file.to_owned(), message, label: String::new(), help: None, excerpt: None }
    }

    /// A file that can't be read.
    pub(super) fn unreadable(path: &FilePath, error: &std::io::Error) -> Self {
        Self::of_file(&path.display().to_string(), format!("this world can't be read: {error}"))
    }

    #[must_use]
    pub(super) fn at(mut self, excerpt: Excerpt, label: &str) -> Self {
        self.excerpt = Some(Box::new(excerpt));
        self.label = mask_keys(label).into_owned();
        self
    }

    #[must_use]
    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.help = help.map(|help| mask_keys(&help).into_owned());
        self
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How it may be put right, where there is a guess.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The file that holds it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line and column, from 1, where the problem has a place.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.excerpt.as_ref().map(|excerpt| excerpt.place())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Everything that is wrong with a world.
#[derive(Clone, Debug)]
pub struct WorldError {
    problems: Vec<Problem>,
}

impl WorldError {
    pub(super) const fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// The problems, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Every problem with its lines, what was expected there and a help, for a terminal `width` characters wide.
    pub fn render(&self, color: bool, width: usize) -> String {
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width.max(20))
            .with_context_lines(1)
            .with_links(false)
            .without_syntax_highlighting();
        let mut out = String::new();
        for problem in &self.problems {
            // Writing to a String can't fail; a renderer that gave up still leaves the one-line form.
            if handler.render_report(&mut out, &Shown(problem)).is_err() {
                out.push_str(&problem.to_string());
            }
            out.push('\n');
        }
        out.push_str(&self.count());
        out.push('\n');
        out
    }

    fn count(&self) -> String {
        match self.problems.len() {
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        }
    }
}

impl From<Problem> for WorldError {
    fn from(problem: Problem) -> Self {
        Self::new(vec![problem])
    }
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WorldError {}

/// A problem as the renderer takes it.
#[derive(Debug)]
struct Shown<'p>(&'p Problem);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.excerpt.is_none() {
            return fmt::Display::fmt(self.0, f);
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.excerpt.as_deref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.0.excerpt.as_deref()?;
        let label = (!self.0.label.is_empty()).then(|| self.0.label.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(label, excerpt.span()))))
    }
}
