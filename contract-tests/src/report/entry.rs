//! One obligation in one case, as reports show it.

use std::borrow::Cow;

use crewpass_diagnostics::escape;
use serde::{Deserialize, Serialize};

use super::replay::replay_line;
use crate::outcome::{ObligationResult, Outcome};
use crate::requirement::{Grade, Requirement, Source};

/// The longest text of one field, in characters.
const LONGEST: usize = 16_000;

/// What to do about a stale entry of the list of known failures.
const STALE: &str = "Correct the list of known failures: delete the entry if the obligation is kept now. Otherwise mend \
                     the client, or write into the entry what fails today, and a later date of expiry.";

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
    /// The reason why it is excused or stale.
    pub note: Option<String>,
    /// The facts of the case behind the first finding.
    pub evidence: Evidence,
    /// The command that replays it.
    pub replay: String,
}

/// The facts of a case behind a finding, in words. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    /// The title of the case.
    pub title: String,
    /// The answer of the server that the case is about.
    pub answer: String,
    /// The same in a few words.
    pub brief: String,
    /// The request that the finding belongs to, with its answer.
    pub request: String,
    /// The file that the finding belongs to.
    pub file: String,
    /// The end of the client.
    pub end: String,
    /// The last line that the client printed.
    pub printed: String,
    /// Advice for this finding, where that of the obligation does not fit.
    pub mend: String,
    /// The case without the difficulty that the client fails, if it is why this one does not count.
    pub broken_twin: String,
}

impl Evidence {
    fn texts(&mut self) -> [&mut String; 9] {
        let Self { title, answer, brief, request, file, end, printed, mend, broken_twin } = self;
        [title, answer, brief, request, file, end, printed, mend, broken_twin]
    }
}

impl Entry {
    /// Escapes every field: texts of clients, servers and files get no further than here, whatever the format.
    pub(super) fn make_harmless(&mut self) {
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
        for text in texts.into_iter().chain(&mut self.note).chain(self.evidence.texts()) {
            if let Cow::Owned(harmless) = escape::line(text, LONGEST) {
                *text = harmless;
            }
        }
    }

    /// Creates an entry of an obligation without facts of a case.
    pub fn about(known: &Requirement, outcome: Outcome, scenario: &str) -> Self {
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
            note: None,
            evidence: Evidence::default(),
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
            broken_twin: None,
        }
    }

    /// Returns the advice that fits what was found.
    pub(super) fn mend(&self) -> &str {
        match self.outcome {
            Outcome::Stale => STALE,
            _ if self.evidence.mend.is_empty() => &self.advice,
            _ => &self.evidence.mend,
        }
    }

    /// Returns what was observed, or the note if nothing was.
    pub(super) fn reason(&self) -> &str {
        self.note.as_deref().unwrap_or(&self.observed)
    }
}
