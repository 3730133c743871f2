//! The problems of a run by obligation, the ones to fix first at the top.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::entry::Entry;
use super::run::Run;
use crate::outcome::Outcome;

/// The cases in which one obligation has a problem.
#[derive(Clone, Debug)]
pub(super) struct ProblemGroup<'a> {
    /// The case that is shown: of the gravest outcome, the first with the most common finding.
    pub(super) shown: &'a Entry,
    /// The other cases with a problem.
    pub(super) others: Vec<&'a Entry>,
    /// The number of cases that showed the obligation kept or broken.
    pub(super) judged: usize,
}

impl ProblemGroup<'_> {
    /// Returns the number of cases with a problem.
    pub(super) fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// Returns true if the problem fails the run.
    pub(super) fn fails(&self, run: &Run) -> bool {
        self.shown.outcome != Outcome::Fail || self.shown.grade <= run.fail_on
    }
}

impl Run {
    /// Returns the problems by obligation. Those that only share the cause of most cases are left out unless `all`.
    ///
    /// The gravest come first: by grade, then those that no other broken obligation implies, then those that are broken
    /// in the largest part of their cases.
    pub(super) fn problem_groups(&self, all: bool) -> Vec<ProblemGroup<'_>> {
        let mut by_id: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in self.problems().filter(|entry| all || !self.is_caused(entry)) {
            by_id.entry(&entry.id).or_default().push(entry);
        }
        let rank: BTreeMap<&str, usize> =
            self.merged.iter().enumerate().map(|(rank, (id, ..))| (id.as_str(), rank)).collect();
        let broken: Vec<&str> = by_id.keys().copied().collect();
        let mut groups: Vec<_> = by_id.into_values().filter_map(|entries| self.group(&entries)).collect();
        groups.sort_by_key(|group| {
            let Entry { id, grade, outcome, .. } = group.shown;
            let implied = self.implied_by.get(id).is_some_and(|by| by.iter().any(|other| broken.contains(&&**other)));
            let share = group.count() * 1_000 / group.judged.max(1);
            (!group.fails(self), *grade, *outcome, implied, Reverse(share), rank.get(id.as_str()).copied())
        });
        groups
    }

    fn group<'a>(&'a self, entries: &[&'a Entry]) -> Option<ProblemGroup<'a>> {
        let gravest = entries.iter().map(|entry| entry.outcome).min()?;
        let candidates = || entries.iter().filter(|entry| entry.outcome == gravest);
        let alike = |one: &Entry| candidates().filter(|other| other.observed == one.observed).count();
        // `max_by_key` would return the last of equals.
        let shown = *candidates().min_by_key(|entry| Reverse(alike(entry)))?;
        let others = entries.iter().copied().filter(|entry| !std::ptr::eq(*entry, shown)).collect();
        let of_obligation = self.entries.iter().filter(|entry| entry.id == shown.id);
        let judged = of_obligation.filter(|entry| !entry.outcome.is_unshown() && entry.outcome != Outcome::NotJudged);
        Some(ProblemGroup { shown, others, judged: judged.count() })
    }

    /// Returns true if an entry is from a case that has the cause of most cases, or was left out because of it.
    pub(super) fn is_caused(&self, entry: &Entry) -> bool {
        self.cause.as_ref().is_some_and(|cause| cause.cases.contains(&entry.scenario))
    }
}
