//! Obligations that were neither kept nor broken, each reason told once.

use super::run::{Entry, Run};
use crate::outcome::Outcome;

const OUTCOMES: [Outcome; 4] =
    [Outcome::NotExercised, Outcome::NotObservable, Outcome::Unsupported, Outcome::KnownFailure];

/// What came to one of these outcomes, and why.
#[derive(Debug)]
pub(super) struct Aside {
    /// The outcome in words.
    pub(super) title: String,
    /// A line for each reason.
    pub(super) lines: Vec<String>,
}

/// All of them, where there are any.
pub(super) fn asides(run: &Run) -> Vec<Aside> {
    let aside = |outcome: Outcome| {
        let entries: Vec<_> = run.entries.iter().filter(|entry| entry.outcome == outcome).collect();
        let lines = by_reason(&entries).iter().map(|group| line(group, run.merged.len())).collect();
        Aside { title: outcome.name().replace('_', " "), lines }
    };
    OUTCOMES.into_iter().map(aside).filter(|aside| !aside.lines.is_empty()).collect()
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
fn line(group: &[&Entry], all: usize) -> String {
    let Some(entry) = group.first() else { return String::new() };
    let ids: Vec<_> = group.chunk_by(|one, other| one.id == other.id).filter_map(<[_]>::first).collect();
    match (ids.len(), group.len()) {
        (1, 1) if entry.scenario.is_empty() => format!("{} {}: {}", entry.id, entry.grade.name(), why(entry)),
        (1, 1) => format!("{} {} in {}: {}", entry.id, entry.grade.name(), entry.scenario, why(entry)),
        (1, cases) => format!("{} {} in {cases} cases: {}", entry.id, entry.grade.name(), why(entry)),
        (ids, _) if ids == all => format!("{}: all {all} obligations", why(entry)),
        _ => {
            let ids: Vec<_> = ids.iter().map(|entry| entry.id.as_str()).collect();
            format!("{}: {}", why(entry), ids.join(", "))
        }
    }
}
