//! The report for people: what went wrong first, with its clause and a line that replays it, then a summary.

use textwrap::{Options, WordSeparator, WordSplitter, fill};

use super::run::{Entry, Run};
use super::tally::summary;
use crate::outcome::Outcome;

const INDENT: &str = "            ";

/// Ids, options and paths stay in one piece, so that they can be searched for and pasted.
fn whole_words<'a>(width: usize) -> Options<'a> {
    Options::new(width).word_splitter(WordSplitter::NoHyphenation).word_separator(WordSeparator::AsciiSpace)
}

/// The report, wrapped at `width`.
pub(super) fn render(run: &Run, width: usize) -> String {
    let mut text = String::new();
    for entry in run.troubles() {
        text += &trouble(entry, width);
        text.push('\n');
    }
    let rest = [Outcome::NotExercised, Outcome::NotObservable, Outcome::Unsupported, Outcome::KnownFailure];
    for outcome in rest {
        let entries: Vec<_> = run.entries.iter().filter(|entry| entry.outcome == outcome).collect();
        if !entries.is_empty() {
            text += &outcome.name().replace('_', " ");
            text += ":\n";
            text.extend(by_reason(&entries).iter().map(|group| aside(group, run.merged.len(), width)));
            text.push('\n');
        }
    }
    if !run.coming.is_empty() {
        text += &fill(&format!("coming with the next catalogue: {}", run.coming.join(", ")), whole_words(width));
        text += "\n\n";
    }
    text + &fill(&summary(run), whole_words(width)) + "\n"
}

fn trouble(entry: &Entry, width: usize) -> String {
    let outcome = entry.outcome.name().replace('_', " ").to_uppercase();
    let head = format!("{outcome} {} {}: {}", entry.id, entry.grade.name(), entry.title);
    let mut text = fill(&head, whole_words(width)) + "\n";
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
    for (name, said) in rows.into_iter().filter(|(_, said)| !said.is_empty()) {
        let lead = format!("  {name:<8}  ");
        text += &(fill(said, whole_words(width).initial_indent(&lead).subsequent_indent(INDENT)) + "\n");
    }
    if !entry.replay.is_empty() {
        // Never wrapped: it is there to be pasted.
        text.extend(["  replay    ", &entry.replay, "\n"]);
    }
    text
}

/// The entries by reason, in the order in which each reason is met first.
fn by_reason<'a>(entries: &[&'a Entry]) -> Vec<Vec<&'a Entry>> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    for entry in entries {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| why(first) == why(entry))) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

fn why(entry: &Entry) -> &str {
    entry.note.as_deref().unwrap_or(&entry.observed)
}

/// Several obligations for one reason are a list of ids, one alone says where, and all are told by their number.
fn aside(group: &[&Entry], all: usize, width: usize) -> String {
    let Some(entry) = group.first() else { return String::new() };
    let ids: Vec<_> = group.chunk_by(|one, other| one.id == other.id).filter_map(<[_]>::first).collect();
    let told = match (ids.len(), group.len()) {
        (1, 1) if entry.scenario.is_empty() => format!("{} {}: {}", entry.id, entry.grade.name(), why(entry)),
        (1, 1) => format!("{} {} in {}: {}", entry.id, entry.grade.name(), entry.scenario, why(entry)),
        (1, cases) => format!("{} {} in {cases} cases: {}", entry.id, entry.grade.name(), why(entry)),
        (ids, _) if ids == all => format!("{}: all {all} obligations", why(entry)),
        _ => {
            let ids: Vec<_> = ids.iter().map(|entry| entry.id.as_str()).collect();
            format!("{}: {}", why(entry), ids.join(", "))
        }
    };
    fill(&told, whole_words(width).initial_indent("  ").subsequent_indent("    ")) + "\n"
}
