//! Annotations and the step summary of GitHub's runners.

use std::fmt::Write;

use super::run::{Entry, Run};
use super::tally::summary;

/// Workflow commands, one a line.
pub(super) fn annotations(run: &Run) -> String {
    let mut text = String::new();
    for entry in run.troubles() {
        let level = if entry.grade <= run.fail_on { "error" } else { "warning" };
        let place = run.anchor.as_ref().map(|at| format!("file={},line={},", property(&at.file), at.line));
        let title = property(&format!("{} {}: {}", entry.id, entry.grade.name(), entry.title));
        let told = format!(
            "{}: expected: {}\nobserved: {}\nreplay: {}",
            entry.scenario, entry.expected, entry.observed, entry.replay
        );
        let _ = writeln!(text, "::{level} {}title={title}::{}", place.unwrap_or_default(), message(&told));
    }
    text
}

/// A page in Markdown.
pub(super) fn step_summary(run: &Run) -> String {
    let mut text = format!("## CrewPass contract\n\n{}\n", summary(run));
    let troubles: Vec<_> = run.troubles().collect();
    if !troubles.is_empty() {
        text += "\n| obligation | grade | scenario | outcome | observed |\n| --- | --- | --- | --- | --- |\n";
        text.extend(troubles.into_iter().map(row));
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

/// A bar is written as an entity: behind a backslash of the text's own, a backslash would not escape it.
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
    fn what_a_runner_would_read_as_a_command_is_escaped() {
        assert_eq!(message("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
        assert_eq!(cell("a|b\n<script>"), "a&#124;b &lt;script>");
    }
}
