//! The last run, saved in a file, so that one obligation can be shown in full without another run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cause::Cause;
use super::entry::{Entry, Evidence};
use super::head::Head;
use super::run::Run;
use super::transcript::Transcript;
use crate::client::run::StopSignal;
use crate::outcome::{Exit, Outcome};
use crate::requirement::{Catalogue, CatalogueError, Grade};

/// The number of the form of the file. A file of another form is not read.
const FORM: u32 = 1;

/// A saved run. Texts of the catalogue are left out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRun {
    form: u32,
    head: Head,
    exit: u8,
    seed: u64,
    fail_on: Grade,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    entries: Vec<SavedEntry>,
    transcripts: BTreeMap<String, Transcript>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedEntry {
    id: String,
    outcome: Outcome,
    scenario: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<KeptTexts>,
}

/// The texts of an entry that is not a pass, or a pass with a note.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptTexts {
    expected: String,
    observed: String,
    note: Option<String>,
    evidence: Evidence,
    replay: String,
}

/// The reason why a saved run can't be read.
#[derive(Debug, thiserror::Error)]
pub enum SavedRunError {
    /// The text is not a saved run.
    #[error("this is not a saved run: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error("another version of crewpass-contract saved this run; run `client` or `server` again")]
    Version,
    /// Its catalogue is not known.
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
}

/// Returns the text of a file that keeps a run.
///
/// # Errors
/// The run can't be written as JSON.
pub fn saved_run_text(run: &Run) -> Result<String, serde_json::Error> {
    let cases = shown_cases(run);
    let transcripts = run.transcripts.iter().filter(|(name, _)| cases.contains(name.as_str()));
    let saved = SavedRun {
        form: FORM,
        head: run.head.clone(),
        exit: run.exit.code(),
        seed: run.seed,
        fail_on: run.fail_on,
        deadline_s: run.deadline.map(|deadline| deadline.as_secs()),
        cause: run.cause.clone(),
        entries: run.entries.iter().map(SavedEntry::of).collect(),
        transcripts: transcripts.map(|(name, transcript)| (name.clone(), transcript.clone())).collect(),
    };
    Ok(serde_json::to_string(&saved)? + "\n")
}

/// Reads a saved run.
///
/// # Errors
/// The text is not a run that this version saved.
pub fn read_saved_run(text: &str) -> Result<Run, SavedRunError> {
    #[derive(Deserialize)]
    struct Form {
        form: u32,
    }
    if serde_json::from_str::<Form>(text)?.form != FORM {
        return Err(SavedRunError::Version);
    }
    let saved: SavedRun = serde_json::from_str(text)?;
    if saved.head.version != env!("CARGO_PKG_VERSION") {
        return Err(SavedRunError::Version);
    }
    let first = saved.entries.first().map(|entry| entry.id.as_str()).unwrap_or_default();
    let catalogue = Catalogue::with_id(first)?.at(saved.head.catalogue)?;
    let entries: Vec<_> = saved.entries.into_iter().filter_map(|entry| entry.into_entry(&catalogue)).collect();
    let mut run = Run::from_entries(entries, &catalogue, saved.seed, saved.fail_on);
    run.head = saved.head;
    run.deadline = saved.deadline_s.map(Duration::from_secs);
    run.cause = saved.cause;
    run.transcripts = saved.transcripts;
    let signals = [StopSignal::Interrupt, StopSignal::Terminate];
    if let Some(signal) = signals.into_iter().find(|signal| signal.code() == saved.exit) {
        run.exit = Exit::Stopped(signal);
    }
    Ok(run)
}

/// Returns the cases whose transcripts are saved: one for each obligation that was not kept.
fn shown_cases(run: &Run) -> BTreeSet<&str> {
    let mut cases: BTreeSet<&str> =
        run.problem_groups(true).into_iter().map(|group| group.shown.scenario.as_str()).collect();
    for (id, _, outcome) in &run.merged {
        let first = run.entries.iter().find(|entry| entry.id == *id && entry.outcome == *outcome);
        cases.extend(first.filter(|_| *outcome != Outcome::Pass).map(|entry| entry.scenario.as_str()));
    }
    cases
}

impl SavedEntry {
    fn of(entry: &Entry) -> Self {
        let texts = || KeptTexts {
            expected: entry.expected.clone(),
            observed: entry.observed.clone(),
            note: entry.note.clone(),
            evidence: entry.evidence.clone(),
            replay: entry.replay.clone(),
        };
        Self {
            id: entry.id.clone(),
            outcome: entry.outcome,
            scenario: entry.scenario.clone(),
            shown: (entry.outcome != Outcome::Pass || !entry.reason().is_empty()).then(texts),
        }
    }

    fn into_entry(self, catalogue: &Catalogue) -> Option<Entry> {
        let entry = Entry::about(catalogue.find(&self.id).ok()?, self.outcome, &self.scenario);
        Some(match self.shown {
            None => entry,
            Some(KeptTexts { expected, observed, note, evidence, replay }) => {
                Entry { expected, observed, note, evidence, replay, ..entry }
            }
        })
    }
}
