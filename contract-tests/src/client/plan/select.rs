//! What a caller asks for: obligations by id, area or grade, scenarios and cases by name, and a shard of all that.

use crewpass_diagnostics::did_you_mean;

use super::case::PlannedCase;
use super::shard::Shard;
use crate::client::task::Task;
use crate::requirement::{Catalogue, Grade, Requirement, guess};

/// What a caller asks for; everything, if nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Obligations by id, areas, scenarios by id, cases by name: all that any of them names.
    pub only: Vec<String>,
    /// Obligations of this grade and of graver ones.
    pub grade: Option<Grade>,
    /// A part of the cases.
    pub shard: Option<Shard>,
    /// The task of the client: cases of another one are not played.
    pub task: Task,
}

/// Why there is nothing to play.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Nothing has that name.
    #[error("`{given}` is not an obligation, area or scenario{}", .guess.as_deref().map(|guess| format!("; {guess}")).unwrap_or_default())]
    Unknown {
        /// What was given.
        given: String,
        /// What may have been meant.
        guess: Option<String>,
    },
    /// The names are known, and nothing is left of them.
    #[error("the selection matches nothing: no case judges an obligation that was asked for")]
    Empty,
    /// What was named is of another task.
    #[error("`{given}` is of the task `{task}`: add --task {task}")]
    OtherTask {
        /// What was given.
        given: String,
        /// Its task.
        task: Task,
    },
    /// What was named has another name in this task.
    #[error("in the task `fleet`, `{given}` is called `{name}`")]
    Adapted {
        /// What was given.
        given: String,
        /// Its name in the task `fleet`.
        name: String,
    },
    /// There are fewer cases than shards.
    #[error("shard {shard} is empty: the selection has {cases} cases")]
    EmptyShard {
        /// The shard.
        shard: Shard,
        /// The cases of all shards.
        cases: usize,
    },
}

/// A selection with its names looked up.
pub(super) struct Wanted<'a> {
    grade: Option<Grade>,
    everything: bool,
    obligations: Vec<&'a str>,
    cases: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(
        selection: &'a Selection,
        catalogue: &'a Catalogue,
        cases: &[PlannedCase],
    ) -> Result<Self, PlanError> {
        let everything = selection.only.is_empty();
        let mut wanted = Self { grade: selection.grade, everything, obligations: Vec::new(), cases: Vec::new() };
        for name in &selection.only {
            let found: Vec<_> = catalogue.obligations().iter().filter(|known| known.is_selected_by(name)).collect();
            if let Some(other) = other_task(&found, selection.task) {
                return Err(PlanError::OtherTask { given: name.clone(), task: other });
            }
            let before = wanted.obligations.len();
            wanted.obligations.extend(found.into_iter().map(|known| known.id.as_str()));
            if wanted.obligations.len() > before {
                continue;
            }
            if !cases.iter().any(|case| case.is_called(name)) {
                return Err(unknown(name, catalogue, cases));
            }
            wanted.cases.push(name);
        }
        Ok(wanted)
    }

    /// Returns true if cases were named, so that an obligation may be judged in fewer cases than there are.
    pub(super) const fn names_cases(&self) -> bool {
        !self.cases.is_empty()
    }

    /// Returns true if an obligation was selected by its id, area or grade.
    pub(super) fn obligation(&self, known: &Requirement) -> bool {
        self.grade(known) && (self.everything || self.obligations.contains(&known.id.as_str()))
    }

    fn grade(&self, known: &Requirement) -> bool {
        self.grade.is_none_or(|grade| known.grade <= grade)
    }

    /// Returns true if an obligation was selected for this case.
    pub(super) fn there(&self, known: &Requirement, case: &PlannedCase) -> bool {
        self.obligation(known) || (self.grade(known) && self.cases.iter().any(|name| case.is_called(name)))
    }
}

/// Returns the task of the first requirement, if none of them is judged in this one.
fn other_task(found: &[&Requirement], task: Task) -> Option<Task> {
    let is_here = found.iter().any(|known| known.tasks.contains(&task));
    found.first().filter(|_| !is_here)?.tasks.first().copied()
}

fn unknown(given: &str, catalogue: &Catalogue, cases: &[PlannedCase]) -> PlanError {
    let names = catalogue.areas().into_iter().chain(cases.iter().map(|case| case.scenario.id.as_str()));
    let guess = guess(given, catalogue.obligations()).or_else(|| did_you_mean(given, names));
    PlanError::Unknown { given: given.to_owned(), guess }
}
