//! In which order cases begin: the slow ones first, so that no core waits for the last of them alone.

use std::collections::HashMap;
use std::time::Duration;

use crewpass_contract::case::Case;
use crewpass_contract::plan::PlannedCase;

/// How long each case took the reference client.
#[derive(Debug, Default)]
pub(crate) struct Took(HashMap<String, Duration>);

impl Took {
    /// Notes a case.
    pub(crate) fn note(&mut self, planned: &PlannedCase, case: &Case) {
        self.0.insert(planned.name(), case.runs.iter().map(|run| run.process.took).sum());
    }

    /// How long a case took.
    pub(crate) fn of(&self, planned: &PlannedCase) -> Duration {
        self.0.get(&planned.name()).copied().unwrap_or_default()
    }

    /// The slowest.
    pub(crate) fn slowest(&self, count: usize) -> Vec<(&str, Duration)> {
        let mut all: Vec<_> = self.0.iter().map(|(name, took)| (name.as_str(), *took)).collect();
        all.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        all.truncate(count);
        all
    }
}
