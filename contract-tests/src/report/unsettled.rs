//! Obligations that were neither kept nor broken, grouped by reason.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::run::Run;
use crate::outcome::Outcome;

const OUTCOMES: [Outcome; 5] =
    [Outcome::NotJudged, Outcome::NotExercised, Outcome::NotObservable, Outcome::Unsupported, Outcome::KnownFailure];

/// The most ids that a line lists, unless every case is shown. A longer list names the first of them.
const MOST_IDS: usize = 12;

/// The obligations with one outcome, and the reasons.
#[derive(Debug)]
pub(super) struct UnsettledGroup {
    /// The outcome in words.
    pub(super) title: String,
    /// One line per reason.
    pub(super) lines: Vec<String>,
}

/// Returns the groups that have entries.
///
/// Unless `verbose`, only the first reason of each obligation is listed. Entries that share the cause of most cases, and
/// those that other cases have shown, are left out.
pub(super) fn unsettled_groups(run: &Run, verbose: bool) -> Vec<UnsettledGroup> {
    let group = |title: String, entries: Vec<&Entry>| {
        let most = if verbose { usize::MAX } else { MOST_IDS };
        let lines = by_reason(&entries).iter().map(|group| line(group, run, most)).collect();
        UnsettledGroup { title, lines }
    };
    let is_note = |entry: &Entry| {
        entry.outcome.is_unshown() && !run.merged.contains(&(entry.id.clone(), entry.grade, entry.outcome))
    };
    let of_outcome = |outcome: Outcome| {
        let entries = run.entries.iter().filter(|entry| entry.outcome == outcome && !is_note(entry));
        let mut reasons = BTreeMap::new();
        let mut is_first_reason =
            |entry: &Entry| *reasons.entry(entry.id.clone()).or_insert(entry.reason().to_owned()) == entry.reason();
        let entries = entries.filter(|entry| verbose || (!run.is_caused(entry) && is_first_reason(entry)));
        group(outcome.name().replace('_', " "), entries.collect())
    };
    let notes = run.entries.iter().filter(|entry| verbose && is_note(entry)).collect();
    let notes = group("shown by other cases, and not by these".to_owned(), notes);
    OUTCOMES.into_iter().map(of_outcome).chain([notes]).filter(|group| !group.lines.is_empty()).collect()
}

/// Groups the entries by reason, in order of first appearance.
fn by_reason<'a>(entries: &[&'a Entry]) -> Vec<Vec<&'a Entry>> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    for entry in entries {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.reason() == entry.reason())) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

/// Formats a group: several obligations as a list of at most `most` ids, a single one with its scenario or the number of
/// its cases, and all of them as a number.
fn line(group: &[&Entry], run: &Run, most: usize) -> String {
    let Some(entry) = group.first() else { return String::new() };
    let ids: Vec<_> = group.chunk_by(|one, other| one.id == other.id).filter_map(<[_]>::first).collect();
    match (ids.len(), group.len()) {
        (1, 1) if entry.scenario.is_empty() => format!("{} {}: {}", entry.id, entry.grade.name(), entry.reason()),
        (1, 1) => format!("{} {} in {}: {}", entry.id, entry.grade.name(), entry.scenario, entry.reason()),
        (1, cases) => format!("{} {} in {cases} cases: {}", entry.id, entry.grade.name(), entry.reason()),
        (ids, _) if ids == run.merged.len() => format!("{}: all {}", entry.reason(), run.noun.count(ids)),
        _ => {
            let listed = if ids.len() > most { &ids[..most / 2] } else { &ids[..] };
            let names: Vec<_> = listed.iter().map(|entry| entry.id.as_str()).collect();
            let more = if listed.len() < ids.len() {
                format!(" and {} more", ids.len() - listed.len())
            } else {
                String::new()
            };
            format!("{}: {}{more}", entry.reason(), names.join(", "))
        }
    }
}
