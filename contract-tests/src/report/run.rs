//! The run as reports see it: each result with its clause, secrets replaced, in the order of the
//! catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cause::Cause;
use super::entry::{Entry, Evidence};
use super::head::Head;
use super::join_findings::join_findings;
use super::normalizer::Normalizer;
use super::replay::replay_line;
use super::transcript::{Transcript, took};
use crate::client::case::Case;
use crate::client::judge::Finding;
use crate::client::plan::Shard;
pub use crate::client::play::Played;
use crate::outcome::{Exit, ObligationResult, Outcome, exit_of, merged};
use crate::requirement::{Catalogue, Grade, Noun, Requirement};

/// A place in a caller's file for annotations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The file, as a path from the root of the caller's repository.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Everything that a report may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The subject, the gate's version, and the machine.
    pub head: Head,
    /// The exit of the run.
    pub exit: Exit,
    /// The seed of the run, with which it can be repeated.
    pub seed: u64,
    /// The least strict grade whose broken obligations fail the run.
    pub fail_on: Grade,
    /// Every obligation in every case, in order.
    pub entries: Vec<Entry>,
    /// What the requirements are called.
    pub noun: Noun,
    /// The merged outcome of each obligation, in order.
    pub merged: Vec<(String, Grade, Outcome)>,
    /// The obligations that imply another one, by the id of the other.
    pub implied_by: BTreeMap<String, Vec<String>>,
    /// Obligations that can be observed only with an option, and were not: they do not decide the exit.
    pub undecided: BTreeSet<String>,
    /// Obligations of later versions of the catalogue, which are not judged yet.
    pub coming: Vec<String>,
    /// The cause by which most cases end alike, if there is one.
    pub cause: Option<Cause>,
    /// The transcripts of cases with a problem, by the case's name.
    pub transcripts: BTreeMap<String, Transcript>,
    /// The duration of each case; beside the time of the run, the only difference between two runs with one seed.
    pub durations: BTreeMap<String, Duration>,
    /// The place for annotations.
    pub anchor: Option<Anchor>,
    /// The part of the plan that was played; `None` is all of it.
    pub shard: Option<Shard>,
    /// The time limit of a run of the client, after its pace was measured.
    pub deadline: Option<Duration>,
}

impl Run {
    /// Creates a run from results and their cases.
    pub fn new(
        results: &[ObligationResult],
        played: &[Played],
        catalogue: &Catalogue,
        seed: u64,
        fail_on: Grade,
    ) -> Self {
        let cases: BTreeMap<String, &Case> =
            played.iter().filter_map(|one| Some((one.planned.name(), one.case.as_ref().ok()?))).collect();
        let entry = |result: &ObligationResult| {
            let known = catalogue.obligations().iter().find(|known| known.id == result.id)?;
            Some(entry(result, known, cases.get(&result.scenario).copied()))
        };
        let mut run = Self::from_entries(results.iter().filter_map(entry).collect(), catalogue, seed, fail_on);
        for name in run.entries.iter().filter(|entry| entry.outcome != Outcome::Pass).map(|entry| &entry.scenario) {
            if let Some(case) = cases.get(name) {
                run.transcripts.entry(name.clone()).or_insert_with(|| Transcript::new(case, &Normalizer::new(case)));
            }
        }
        run.durations = cases.iter().map(|(name, case)| (name.clone(), took(case))).collect();
        // Where everything is kept, nothing comes first.
        let is_kept = run.merged.iter().all(|(_, _, outcome)| *outcome == Outcome::Pass);
        run.cause = Cause::of(played).filter(|_| !is_kept);
        run
    }

    /// Creates a run from entries of earlier reports.
    pub fn from_entries(mut entries: Vec<Entry>, catalogue: &Catalogue, seed: u64, fail_on: Grade) -> Self {
        entries.iter_mut().for_each(Entry::make_harmless);
        entries.sort_by_key(|entry| catalogue.rank(&entry.id));
        let results: Vec<ObligationResult> = entries.iter().map(Entry::to_result).collect();
        let merged = merged(&results);
        let is_by_default =
            |id: &String, outcome: Outcome| outcome == Outcome::NotObservable && catalogue.is_opt_in(id);
        let undecided = merged.iter().filter(|(id, (_, outcome))| is_by_default(id, *outcome));
        let undecided: BTreeSet<String> = undecided.map(|(id, _)| id.clone()).collect();
        let mut decisive = merged.clone();
        decisive.retain(|id, _| !undecided.contains(id));
        let exit = exit_of(&decisive, fail_on);
        let mut merged: Vec<_> = merged.into_iter().map(|(id, (grade, outcome))| (id, grade, outcome)).collect();
        merged.sort_by_key(|(id, _, _)| catalogue.rank(id));
        let implied = |known: &Requirement| Some((known.id.clone(), known.obligation()?.implied_by.clone()));
        Self {
            head: Head { catalogue: catalogue.version(), ..Head::default() },
            exit,
            seed,
            fail_on,
            entries,
            noun: catalogue.noun(),
            merged,
            implied_by: catalogue.obligations().iter().filter_map(implied).collect(),
            undecided,
            coming: catalogue.coming().iter().map(|known| known.id.clone()).collect(),
            cause: None,
            transcripts: BTreeMap::new(),
            durations: BTreeMap::new(),
            anchor: None,
            shard: None,
            deadline: None,
        }
    }

    /// Returns the entries of obligations that are kept which say more: what was observed of undocumented behaviour, and
    /// notes.
    pub fn observations(&self) -> impl Iterator<Item = &Entry> {
        let kept = self.merged.iter().filter(|(.., outcome)| *outcome == Outcome::Pass);
        let kept: BTreeSet<&str> = kept.map(|(id, ..)| id.as_str()).collect();
        let is_observed = move |entry: &&Entry| kept.contains(entry.id.as_str());
        let noted = self.entries.iter().filter(|entry| entry.outcome == Outcome::Pass && !entry.reason().is_empty());
        noted.filter(is_observed)
    }

    /// Returns the broken obligations, the gravest first.
    pub(super) fn broken(&self) -> impl Iterator<Item = &str> {
        let mut broken: Vec<_> = self.merged.iter().filter(|(.., outcome)| *outcome == Outcome::Fail).collect();
        broken.sort_by_key(|(_, grade, _)| *grade);
        broken.into_iter().map(|(id, ..)| id.as_str())
    }

    /// Returns the entries that someone must look at.
    pub fn problems(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.outcome.is_problem())
    }
}

fn entry(result: &ObligationResult, known: &Requirement, case: Option<&Case>) -> Entry {
    let normalizer = case.map(Normalizer::new).unwrap_or_default();
    let mut entry = Entry::about(known, result.outcome, &result.scenario);
    entry.replay = replay_line(&result.replay);
    let note = result.note.as_ref().map(|note| normalizer.text(note));
    let first = result.findings.first();
    if let Some(case) = case.filter(|_| result.outcome != Outcome::Pass) {
        entry.evidence = Evidence::of(case, first, &normalizer);
    }
    entry.evidence.broken_twin = result.broken_twin.clone().unwrap_or_default();
    if result.findings.is_empty() {
        if matches!(result.outcome, Outcome::NotJudged | Outcome::NotExercised | Outcome::NotObservable) {
            entry.expected = known.exercised_when().into_owned();
        }
        entry.observed = note.unwrap_or_default();
    } else {
        entry.expected = join_expected(&result.findings, &normalizer);
        entry.observed = join_findings(result.findings.iter().map(|found| normalizer.text(&found.observed)));
        entry.note = note;
    }
    entry
}

/// Joins what the findings expected, each once.
fn join_expected(findings: &[Finding], normalizer: &Normalizer) -> String {
    /// The most expectations that are shown.
    const MOST: usize = 3;
    let mut different: Vec<&str> = Vec::new();
    for found in findings {
        if !different.contains(&found.expected.as_str()) {
            different.push(&found.expected);
        }
    }
    let shown: Vec<_> = different.iter().take(MOST).map(|text| normalizer.text(text)).collect();
    shown.join("; ")
}
