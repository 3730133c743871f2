//! How long cases take: the slow ones begin first, and no variant has much longer than the good client needs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crewpass_contract::case::Case;
use crewpass_contract::plan::PlannedCase;

/// How much longer than the good client a variant may take.
const SPARE: Duration = Duration::from_secs(4);

/// What a client is told where its scenario says nothing.
const USUAL: &str = "20s";

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

    /// A case that leaves a client little more time than the good one took, so that one that never ends holds nobody
    /// up. It is told of as much time as ever.
    pub(crate) fn with_deadline(&self, mut planned: PlannedCase) -> PlannedCase {
        let deadline = self.of(&planned) * 3 + SPARE;
        let scenario = Arc::make_mut(&mut planned.scenario);
        let usual = scenario.deadline.replace(format!("{}ms", deadline.as_millis()));
        let told = scenario.told_deadline.take().or(usual).unwrap_or_else(|| USUAL.to_owned());
        scenario.told_deadline = Some(told);
        planned
    }

    /// The slowest.
    pub(crate) fn slowest(&self, count: usize) -> Vec<(&str, Duration)> {
        let mut all: Vec<_> = self.0.iter().map(|(name, took)| (name.as_str(), *took)).collect();
        all.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        all.truncate(count);
        all
    }
}
