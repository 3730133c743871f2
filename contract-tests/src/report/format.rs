//! The formats, by name.

use super::run::Run;
use super::{badge, github, html, human, json, junit};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// For machines; shards are merged from it.
    Json,
    /// For test dashboards.
    Junit,
    /// One page, with transcripts.
    Html,
    /// Annotations.
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

    /// Its name on the command line.
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

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The report; `width` is for those that people read in a terminal.
    pub fn render(self, run: &Run, width: usize) -> Result<String, quick_junit::SerializeError> {
        Ok(match self {
            Self::Human => human::render(run, width),
            Self::Json => json::render(run),
            Self::Junit => junit::render(run)?,
            Self::Html => html::render(run),
            Self::Github => github::annotations(run),
            Self::Summary => github::step_summary(run),
            Self::Badge => badge::render(run),
        })
    }
}
