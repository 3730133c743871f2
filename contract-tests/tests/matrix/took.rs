//! How long cases take: the slow ones begin first, and no variant has much longer than the good client needs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crewpass_contract::client::case::Case;
use crewpass_contract::client::plan::PlannedCase;

/// How much longer than the good client a variant may take.
const SPARE: Duration = Duration::from_secs(4);

/// What a client is told where its scenario says nothing.
const USUAL: &str = "20s";

/// What takes longer is met by those only that it is there for.
const COSTLY: Duration = Duration::from_secs(3);

/// What takes longer is waiting, most of it.
const SLOW: Duration = Duration::from_millis(700);

/// Scenarios that keep a core busy, in each task: many of them side by side would starve all others.
const HEAVY: &[&str] = &["file/large", "sec/bomb"];

fn is_heavy(planned: &PlannedCase) -> bool {
    HEAVY.iter().any(|id| planned.scenario.id.ends_with(id))
}

/// How long each case took the reference client.
#[derive(Debug, Default)]
pub(crate) struct Took(HashMap<String, Duration>);

impl Took {
    /// Notes a case.
    pub(crate) fn note(&mut self, planned: &PlannedCase, case: &Case) {
        self.0.insert(planned.name(), case.runs.iter().map(|run| run.process.took).sum());
    }

    /// How long a case took.
    pub(crate) fn time_of(&self, planned: &PlannedCase) -> Duration {
        self.0.get(&planned.name()).copied().unwrap_or_default()
    }

    /// Whether most of a case is waiting. Any may be until the good client met it.
    pub(crate) fn is_slow(&self, planned: &PlannedCase) -> bool {
        !is_heavy(planned) && self.0.get(&planned.name()).is_none_or(|took| *took > SLOW)
    }

    /// Whether a case is too costly for clients that it is not there for.
    pub(crate) fn is_costly(&self, planned: &PlannedCase) -> bool {
        is_heavy(planned) || self.time_of(planned) > COSTLY
    }

    /// A case that leaves a client little more time than the good one took, so that one that never ends holds nobody
    /// up. A client that is told to stop keeps its time: with less it would give up by itself, and prove nothing.
    pub(crate) fn with_deadline(&self, mut planned: PlannedCase) -> PlannedCase {
        if is_heavy(&planned) || planned.scenario.runs.iter().any(|run| run.terminate.is_some()) {
            return planned;
        }
        let deadline = self.time_of(&planned) * 3 + SPARE;
        let scenario = Arc::make_mut(&mut planned.scenario);
        let usual = scenario.deadline.replace(format!("{}ms", deadline.as_millis()));
        let deadline = scenario.client_deadline.take().or(usual).unwrap_or_else(|| USUAL.to_owned());
        scenario.client_deadline = Some(deadline);
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
