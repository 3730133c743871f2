//! The run as reports see it: each result beside its clause, secrets gone, in the order of the catalogue.

use std::collections::BTreeMap;
use std::time::Duration;

use super::normal::Normal;
use super::told::told;
use super::transcript::{Transcript, exchange, took};
use crate::client::case::Case;
pub use crate::client::play::Played;
use crate::outcome::{Exit, ObligationResult, Outcome, exit_of, merged};
use crate::requirement::{Catalogue, Grade, Requirement, Source};

/// A place in a caller's file to which annotations point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The file, as a path from the root of the caller's repository.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// One obligation in one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The obligation.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its grade.
    pub grade: Grade,
    /// The source of its clause.
    pub source: Source,
    /// What the clause says.
    pub clause: String,
    /// Where it says so.
    pub place: String,
    /// What a client author should do.
    pub advice: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The case; empty where no scenario provokes it.
    pub scenario: String,
    /// What should be.
    pub expected: String,
    /// What was, or why nothing is known.
    pub observed: String,
    /// The exchange that the first finding belongs to.
    pub exchange: Option<String>,
    /// Why it is excused, or stale.
    pub note: Option<String>,
    /// The line that replays it.
    pub replay: String,
}

/// Everything that a report may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How the gate ends.
    pub exit: Exit,
    /// The seed.
    pub seed: u64,
    /// Up to which grade a broken obligation fails the gate.
    pub fail_on: Grade,
    /// Every obligation in every case, in order.
    pub entries: Vec<Entry>,
    /// What each obligation came to, in order.
    pub merged: Vec<(String, Grade, Outcome)>,
    /// Obligations of later versions of the catalogue, which are not judged yet.
    pub coming: Vec<String>,
    /// The transcripts of cases in which something went wrong, by the case's name.
    pub transcripts: BTreeMap<String, Transcript>,
    /// How long each case took; the only thing in which two runs of one seed differ.
    pub durations: BTreeMap<String, Duration>,
    /// Where annotations point.
    pub anchor: Option<Anchor>,
}

impl Run {
    /// The run of some results, with the cases that they are from.
    pub fn of(
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
                run.transcripts.entry(name.clone()).or_insert_with(|| Transcript::of(case, &Normal::of(case)));
            }
        }
        run.durations = cases.iter().map(|(name, case)| (name.clone(), took(case))).collect();
        run
    }

    /// The run of entries that were reported before.
    pub fn from_entries(mut entries: Vec<Entry>, catalogue: &Catalogue, seed: u64, fail_on: Grade) -> Self {
        entries.sort_by_key(|entry| catalogue.rank(&entry.id));
        let results: Vec<ObligationResult> = entries.iter().map(Entry::bare).collect();
        let merged = merged(&results);
        let exit = exit_of(&merged, fail_on);
        let mut merged: Vec<_> = merged.into_iter().map(|(id, (grade, outcome))| (id, grade, outcome)).collect();
        merged.sort_by_key(|(id, _, _)| catalogue.rank(id));
        let coming = catalogue.coming().iter().map(|known| known.id.clone()).collect();
        let (transcripts, durations) = (BTreeMap::new(), BTreeMap::new());
        Self { exit, seed, fail_on, entries, merged, coming, transcripts, durations, anchor: None }
    }

    /// With options that each line that replays something needs, such as `--tls`.
    #[must_use]
    pub fn replayed_with(mut self, options: &str) -> Self {
        for entry in self.entries.iter_mut().filter(|entry| !options.is_empty() && !entry.replay.is_empty()) {
            entry.replay = entry.replay.replacen(REPLAY, &format!("{REPLAY} {options}"), 1);
        }
        self
    }

    /// The entries that somebody has to look at.
    pub fn troubles(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.outcome.is_trouble())
    }
}

impl Entry {
    /// An entry of an obligation, before anything is known of a case.
    pub(super) fn about(known: &Requirement, outcome: Outcome, scenario: &str) -> Self {
        Self {
            id: known.id.clone(),
            title: known.title.clone(),
            grade: known.grade,
            source: known.source,
            clause: known.clause.clone(),
            place: known.place.clone(),
            advice: known.advice().unwrap_or_default().to_owned(),
            outcome,
            scenario: scenario.to_owned(),
            expected: known.kept_when().to_owned(),
            observed: String::new(),
            exchange: None,
            note: None,
            replay: replay_line(scenario),
        }
    }

    /// As far as merging needs it.
    pub(super) fn bare(&self) -> ObligationResult {
        ObligationResult {
            id: self.id.clone(),
            grade: self.grade,
            source: self.source,
            outcome: self.outcome,
            scenario: self.scenario.clone(),
            note: None,
            findings: Vec::new(),
            replay: String::new(),
        }
    }
}

fn entry(result: &ObligationResult, known: &Requirement, case: Option<&Case>) -> Entry {
    let normal = case.map(Normal::of).unwrap_or_default();
    let mut entry = Entry::about(known, result.outcome, &result.scenario);
    entry.replay = replay_line(&result.replay);
    let note = result.note.as_ref().map(|note| normal.text(note));
    if let Some(first) = result.findings.first() {
        entry.expected = normal.text(&first.expected);
        entry.observed = told(result.findings.iter().map(|found| normal.text(&found.observed)));
        let of_run = case.and_then(|case| case.runs.get(first.run));
        let found = of_run.and_then(|run| run.wire.iter().find(|one| Some(one.seq) == first.exchange));
        entry.exchange = found.map(|one| exchange(one, &normal));
        entry.note = note;
    } else {
        if matches!(result.outcome, Outcome::NotExercised | Outcome::NotObservable) {
            entry.expected = known.exercised_when().into_owned();
        }
        entry.observed = note.unwrap_or_default();
    }
    entry
}

const REPLAY: &str = "crewpass-contract replay";

/// The line that replays a case; brackets are a shell's, so they are quoted.
fn replay_line(replay: &str) -> String {
    match replay {
        "" => String::new(),
        name if name.contains(['[', ' ', '\'']) => format!("{REPLAY} '{name}' -- CMD"),
        name => format!("{REPLAY} {name} -- CMD"),
    }
}
