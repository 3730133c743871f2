//! The report for people: problems first, each with its clause and a line that replays it, then a
//! summary.

use crewpass_diagnostics::escape;
use crewpass_diagnostics::terminal::wrap_words;

use super::run::{Entry, Run};
use super::tally::summary;
use super::unsettled::unsettled_groups;

const INDENT: &str = "            ";

/// The longest text of one field, in characters.
const MOST: usize = 16_000;

/// Escapes and wraps a text; ids, options and paths stay in one piece.
fn fill(text: &str, width: usize, first: &str, rest: &str) -> String {
    wrap_words(&escape::line(text, MOST), width, first, rest)
}

/// Renders the report, wrapped at `width`.
pub(super) fn render(run: &Run, width: usize) -> String {
    let mut text = String::new();
    for entry in run.problems() {
        text += &format_problem(entry, width);
        text.push('\n');
    }
    for group in unsettled_groups(run) {
        text.extend([&group.title, ":\n"]);
        for line in &group.lines {
            text += &(fill(line, width, "  ", "    ") + "\n");
        }
        text.push('\n');
    }
    if !run.coming.is_empty() {
        text += &fill(&format!("coming with the next catalogue: {}", run.coming.join(", ")), width, "", "");
        text += "\n\n";
    }
    text + &fill(&summary(run), width, "", "") + "\n"
}

fn format_problem(entry: &Entry, width: usize) -> String {
    let outcome = entry.outcome.name().replace('_', " ").to_uppercase();
    let head = format!("{outcome} {} {}: {}", entry.id, entry.grade.name(), entry.title);
    let mut text = fill(&head, width, "", "") + "\n";
    let clause = format!("{} ({}, source {})", entry.clause, entry.place, entry.source.name());
    let rows = [
        ("scenario", entry.scenario.as_str()),
        ("clause", &clause),
        ("expected", &entry.expected),
        ("observed", &entry.observed),
        ("exchange", entry.exchange.as_deref().unwrap_or_default()),
        ("note", entry.note.as_deref().unwrap_or_default()),
        ("advice", &entry.advice),
    ];
    for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        let lead = format!("  {name:<8}  ");
        text += &(fill(value, width, &lead, INDENT) + "\n");
    }
    if !entry.replay.is_empty() {
        // The replay line is never wrapped, so that it can be pasted.
        text.extend(["  replay    ", &entry.replay, "\n"]);
    }
    text
}
