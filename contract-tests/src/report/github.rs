//! Annotations and step summaries for GitHub's runners.

use std::fmt::Write;

use crewpass_diagnostics::escape::{github_message, github_property, markdown_cell};

use super::run::{Entry, Run};
use super::tally::summary;

/// The longest text of one field, in characters.
const MOST: usize = 4_000;

/// Formats the problems as workflow commands, one per line.
pub(super) fn annotations(run: &Run) -> String {
    let mut text = String::new();
    for entry in run.problems() {
        let level = if entry.grade <= run.fail_on { "error" } else { "warning" };
        let place = run.anchor.as_ref().map(|at| format!("file={},line={},", github_property(&at.file, MOST), at.line));
        let title = github_property(&format!("{} {}: {}", entry.id, entry.grade.name(), entry.title), MOST);
        let text_of_entry = format!(
            "{}: expected: {}\nobserved: {}\nreplay: {}",
            entry.scenario, entry.expected, entry.observed, entry.replay
        );
        let _ = writeln!(
            text,
            "::{level} {}title={title}::{}",
            place.unwrap_or_default(),
            github_message(&text_of_entry, MOST)
        );
    }
    text
}

/// Formats the summary as a Markdown page.
pub(super) fn step_summary(run: &Run) -> String {
    let mut text = format!("## CrewPass contract\n\n{}\n", summary(run));
    let problems: Vec<_> = run.problems().collect();
    if !problems.is_empty() {
        text += "\n| obligation | grade | scenario | outcome | observed |\n| --- | --- | --- | --- | --- |\n";
        text.extend(problems.into_iter().map(row));
    }
    text
}

fn row(entry: &Entry) -> String {
    format!(
        "| {} {} | {} | {} | {} | {} |\n",
        markdown_cell(&entry.id, MOST),
        markdown_cell(&entry.title, MOST),
        entry.grade.name(),
        markdown_cell(&entry.scenario, MOST),
        entry.outcome.name(),
        markdown_cell(&entry.observed, MOST)
    )
}
