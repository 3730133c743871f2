//! The run as reports see it: each result with its clause, secrets replaced, in the order of the
//! catalogue.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use crewpass_diagnostics::escape;

use super::join_findings::join_findings;
use super::normalizer::Normalizer;
use super::transcript::{Transcript, exchange, took};
use crate::client::case::Case;
pub use crate::client::play::Played;
use crate::outcome::{Exit, ObligationResult, Outcome, exit_of, merged};
use crate::requirement::{Catalogue, Grade, Requirement, Source};

/// A place in a caller's file for annotations.
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
    /// The clause.
    pub clause: String,
    /// The place of the clause in the documentation.
    pub place: String,
    /// Advice for the client's author.
    pub advice: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The case; empty if no scenario provokes the obligation.
    pub scenario: String,
    /// The expected behaviour.
    pub expected: String,
    /// The observed behaviour, or the reason why nothing was observed.
    pub observed: String,
    /// The exchange of the first finding.
    pub exchange: Option<String>,
    /// The reason why it is excused or stale.
    pub note: Option<String>,
    /// The command that replays it.
    pub replay: String,
}

/// Everything that a report may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit of the run.
    pub exit: Exit,
    /// The seed.
    pub seed: u64,
    /// The least strict grade whose broken obligations fail the run.
    pub fail_on: Grade,
    /// Every obligation in every case, in order.
    pub entries: Vec<Entry>,
    /// The merged outcome of each obligation, in order.
    pub merged: Vec<(String, Grade, Outcome)>,
    /// Obligations of later versions of the catalogue, which are not judged yet.
    pub coming: Vec<String>,
    /// The transcripts of cases with a problem, by the case's name.
    pub transcripts: BTreeMap<String, Transcript>,
    /// The duration of each case; the only difference between two runs with one seed.
    pub durations: BTreeMap<String, Duration>,
    /// The place for annotations.
    pub anchor: Option<Anchor>,
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
        let mut decisive = merged.clone();
        decisive.retain(|id, (_, outcome)| !is_by_default(id, *outcome));
        let exit = exit_of(&decisive, fail_on);
        let mut merged: Vec<_> = merged.into_iter().map(|(id, (grade, outcome))| (id, grade, outcome)).collect();
        merged.sort_by_key(|(id, _, _)| catalogue.rank(id));
        let coming = catalogue.coming().iter().map(|known| known.id.clone()).collect();
        let (transcripts, durations) = (BTreeMap::new(), BTreeMap::new());
        Self { exit, seed, fail_on, entries, merged, coming, transcripts, durations, anchor: None, deadline: None }
    }

    /// Adds options to each replay command, such as `--tls`.
    #[must_use]
    pub fn replayed_with(mut self, options: &str) -> Self {
        for entry in self.entries.iter_mut().filter(|entry| !options.is_empty() && !entry.replay.is_empty()) {
            entry.replay = entry.replay.replacen(REPLAY, &format!("{REPLAY} {options}"), 1);
        }
        self
    }

    /// Returns the entries that someone must look at.
    pub fn problems(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.outcome.is_problem())
    }
}

/// The longest text of one field, in characters.
const LONGEST: usize = 16_000;

impl Entry {
    /// Escapes every field: texts of clients, servers and files get no further than here, whatever the format.
    fn make_harmless(&mut self) {
        let optional = [&mut self.exchange, &mut self.note].into_iter().flatten();
        let texts = [
            &mut self.id,
            &mut self.title,
            &mut self.clause,
            &mut self.place,
            &mut self.advice,
            &mut self.scenario,
            &mut self.expected,
            &mut self.observed,
            &mut self.replay,
        ];
        for text in texts.into_iter().chain(optional) {
            if let Cow::Owned(harmless) = escape::line(text, LONGEST) {
                *text = harmless;
            }
        }
    }

    /// Creates an entry of an obligation without facts of a case.
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

    /// Returns the part of the entry that merging needs.
    pub(super) fn to_result(&self) -> ObligationResult {
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
    let normalizer = case.map(Normalizer::new).unwrap_or_default();
    let mut entry = Entry::about(known, result.outcome, &result.scenario);
    entry.replay = replay_line(&result.replay);
    let note = result.note.as_ref().map(|note| normalizer.text(note));
    if let Some(first) = result.findings.first() {
        entry.expected = normalizer.text(&first.expected);
        entry.observed = join_findings(result.findings.iter().map(|found| normalizer.text(&found.observed)));
        let of_run = case.and_then(|case| case.runs.get(first.run));
        let found = of_run.and_then(|run| run.wire.iter().find(|one| Some(one.seq) == first.exchange));
        entry.exchange = found.map(|one| exchange(one, &normalizer));
        entry.note = note;
    } else {
        if matches!(result.outcome, Outcome::NotJudged | Outcome::NotExercised | Outcome::NotObservable) {
            entry.expected = known.exercised_when().into_owned();
        }
        entry.observed = note.unwrap_or_default();
    }
    entry
}

const REPLAY: &str = "crewpass-contract replay";

/// Returns the command that replays a case; brackets are quoted for the shell.
fn replay_line(replay: &str) -> String {
    match replay {
        "" => String::new(),
        name if name.contains(['[', ' ', '\'']) => format!("{REPLAY} '{name}' -- CMD"),
        name => format!("{REPLAY} {name} -- CMD"),
    }
}
