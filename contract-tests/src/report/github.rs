//! Annotations and step summaries for GitHub's runners.

use std::fmt::Write;

use super::run::{Entry, Run};
use super::tally::summary;

/// Formats the problems as workflow commands, one per line.
pub(super) fn annotations(run: &Run) -> String {
    let mut text = String::new();
    for entry in run.problems() {
        let level = if entry.grade <= run.fail_on { "error" } else { "warning" };
        let place = run.anchor.as_ref().map(|at| format!("file={},line={},", property(&at.file), at.line));
        let title = property(&format!("{} {}: {}", entry.id, entry.grade.name(), entry.title));
        let text_of_entry = format!(
            "{}: expected: {}\nobserved: {}\nreplay: {}",
            entry.scenario, entry.expected, entry.observed, entry.replay
        );
        let _ = writeln!(text, "::{level} {}title={title}::{}", place.unwrap_or_default(), message(&text_of_entry));
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
        cell(&entry.id),
        cell(&entry.title),
        entry.grade.name(),
        cell(&entry.scenario),
        entry.outcome.name(),
        cell(&entry.observed)
    )
}

/// Escapes a table cell. A bar becomes an entity: after a backslash in the text, another backslash
/// would not escape it.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;").replace(['\n', '\r'], " ")
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_workflow_commands_are_escaped() {
        assert_eq!(message("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
        assert_eq!(cell("a|b\n<script>"), "a&#124;b &lt;script>");
    }
}
