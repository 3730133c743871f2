//! The report formats, by name.

use super::look::Look;
use super::run::Run;
use super::{badge, github, html, human, json, junit};

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Human,
    /// JSON for machines; shards are merged from it.
    Json,
    /// `JUnit` XML for test dashboards.
    Junit,
    /// One HTML page with transcripts.
    Html,
    /// Annotations for GitHub's runners.
    Github,
    /// The step summary of GitHub, in Markdown.
    Summary,
    /// A badge.
    Badge,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Human, Self::Json, Self::Junit, Self::Html, Self::Github, Self::Summary, Self::Badge];

    /// Returns the name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Github => "github",
            Self::Summary => "summary",
            Self::Badge => "badge",
        }
    }

    /// Returns the format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Renders the report; the look applies to text that people read in a terminal.
    ///
    /// # Errors
    /// A `JUnit` report that can't be written as XML.
    pub fn render(self, run: &Run, look: impl Into<Look>) -> Result<String, quick_junit::SerializeError> {
        Ok(match self {
            Self::Human => human::render(run, look.into()),
            Self::Json => json::render(run),
            Self::Junit => junit::render(run)?,
            Self::Html => html::render(run),
            Self::Github => github::annotations(run),
            Self::Summary => github::step_summary(run),
            Self::Badge => badge::render(run),
        })
    }
}
