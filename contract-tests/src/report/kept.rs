//! The last run, kept in a file, so that one obligation can be shown in full without another run.

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

/// A kept run. Texts of the catalogue are left out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptRun {
    form: u32,
    head: Head,
    exit: u8,
    seed: u64,
    fail_on: Grade,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    entries: Vec<KeptEntry>,
    transcripts: BTreeMap<String, Transcript>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptEntry {
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

/// The reason why a kept run can't be read.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The text is not a kept run.
    #[error("this is not a kept run: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error("another version of crewpass-contract kept this run; run `client` or `server` again")]
    Version,
    /// Its catalogue is not known.
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
}

/// Returns the text of a file that keeps a run.
///
/// # Errors
/// The run can't be written as JSON.
pub fn kept_text(run: &Run) -> Result<String, serde_json::Error> {
    let cases = shown_cases(run);
    let transcripts = run.transcripts.iter().filter(|(name, _)| cases.contains(name.as_str()));
    let kept = KeptRun {
        form: FORM,
        head: run.head.clone(),
        exit: run.exit.code(),
        seed: run.seed,
        fail_on: run.fail_on,
        deadline_s: run.deadline.map(|deadline| deadline.as_secs()),
        cause: run.cause.clone(),
        entries: run.entries.iter().map(KeptEntry::of).collect(),
        transcripts: transcripts.map(|(name, transcript)| (name.clone(), transcript.clone())).collect(),
    };
    Ok(serde_json::to_string(&kept)? + "\n")
}

/// Reads a kept run.
///
/// # Errors
/// The text is not a run that this version kept.
pub fn read_kept(text: &str) -> Result<Run, KeptError> {
    #[derive(Deserialize)]
    struct Form {
        form: u32,
    }
    if serde_json::from_str::<Form>(text)?.form != FORM {
        return Err(KeptError::Version);
    }
    let kept: KeptRun = serde_json::from_str(text)?;
    if kept.head.version != env!("CARGO_PKG_VERSION") {
        return Err(KeptError::Version);
    }
    let first = kept.entries.first().map(|entry| entry.id.as_str()).unwrap_or_default();
    let catalogue = Catalogue::with_id(first)?.at(kept.head.catalogue)?;
    let entries: Vec<_> = kept.entries.into_iter().filter_map(|entry| entry.into_entry(&catalogue)).collect();
    let mut run = Run::from_entries(entries, &catalogue, kept.seed, kept.fail_on);
    run.head = kept.head;
    run.deadline = kept.deadline_s.map(Duration::from_secs);
    run.cause = kept.cause;
    run.transcripts = kept.transcripts;
    let signals = [StopSignal::Interrupt, StopSignal::Terminate];
    if let Some(signal) = signals.into_iter().find(|signal| signal.code() == kept.exit) {
        run.exit = Exit::Stopped(signal);
    }
    Ok(run)
}

/// Returns the cases whose transcripts are kept: one for each obligation that was not kept.
fn shown_cases(run: &Run) -> BTreeSet<&str> {
    let mut cases: BTreeSet<&str> =
        run.problem_groups(true).into_iter().map(|group| group.shown.scenario.as_str()).collect();
    for (id, _, outcome) in &run.merged {
        let first = run.entries.iter().find(|entry| entry.id == *id && entry.outcome == *outcome);
        cases.extend(first.filter(|_| *outcome != Outcome::Pass).map(|entry| entry.scenario.as_str()));
    }
    cases
}

impl KeptEntry {
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
