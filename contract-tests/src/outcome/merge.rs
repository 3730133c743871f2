//! The outcome of an obligation, and the merge of several outcomes into one.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::judge::Finding;
use crate::requirement::{Grade, Source};

/// The outcome of an obligation. The variants are in order of precedence: the first that any
/// scenario has wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Broken.
    Fail,
    /// A known failure that now passes, fails in another way, or has expired.
    Stale,
    /// The gate itself failed.
    HarnessError,
    /// The machine was too busy: the client did not get the time that a verdict needs.
    NotJudged,
    /// The client never reached the point that counts.
    NotExercised,
    /// It can't be observed this way.
    NotObservable,
    /// The manifest gives a reason why the client can't do it.
    Unsupported,
    /// Broken as the list of known failures says.
    KnownFailure,
    /// Kept.
    Pass,
}

/// The result of one obligation in one case.
#[derive(Clone, Debug, PartialEq)]
pub struct ObligationResult {
    /// The obligation.
    pub id: String,
    /// Its grade.
    pub grade: Grade,
    /// The source of its clause.
    pub source: Source,
    /// The outcome.
    pub outcome: Outcome,
    /// The scenario's id, followed by `[policy=value]` if a policy was varied.
    pub scenario: String,
    /// A reason or a remark, if there is one.
    pub note: Option<String>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The arguments that replay it, after `crewpass-contract replay`.
    pub replay: String,
}

impl Outcome {
    /// Returns the name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Stale => "stale",
            Self::HarnessError => "harness_error",
            Self::NotJudged => "not_judged",
            Self::NotExercised => "not_exercised",
            Self::NotObservable => "not_observable",
            Self::Unsupported => "unsupported",
            Self::KnownFailure => "known_failure",
            Self::Pass => "pass",
        }
    }

    /// Returns true if someone must look at it: broken, stale, or a failure of the gate.
    pub const fn is_problem(self) -> bool {
        matches!(self, Self::Fail | Self::Stale | Self::HarnessError)
    }
}

/// Returns the outcome of each obligation over all its cases, by id.
pub fn merged(results: &[ObligationResult]) -> BTreeMap<String, (Grade, Outcome)> {
    let mut merged: BTreeMap<String, (Grade, Outcome)> = BTreeMap::new();
    for result in results {
        let entry = merged.entry(result.id.clone()).or_insert((result.grade, result.outcome));
        entry.1 = entry.1.min(result.outcome);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(outcome: Outcome) -> ObligationResult {
        ObligationResult {
            id: "CPK-RTY-01".to_owned(),
            grade: Grade::SHOULD,
            source: Source::G,
            outcome,
            scenario: "s".to_owned(),
            note: None,
            findings: Vec::new(),
            replay: String::new(),
        }
    }

    #[test]
    fn the_most_severe_outcome_of_any_case_wins() {
        use Outcome::{
            Fail, HarnessError, KnownFailure, NotExercised, NotJudged, NotObservable, Pass, Stale, Unsupported,
        };
        let order =
            [Fail, Stale, HarnessError, NotJudged, NotExercised, NotObservable, Unsupported, KnownFailure, Pass];
        for (place, graver) in order.into_iter().enumerate() {
            for lighter in &order[place..] {
                for pair in [[graver, *lighter], [*lighter, graver]] {
                    let merged = merged(&pair.map(result));
                    assert_eq!(merged["CPK-RTY-01"], (Grade::SHOULD, graver), "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn an_outcome_has_the_same_name_in_json() {
        for outcome in
            [Outcome::Fail, Outcome::HarnessError, Outcome::NotJudged, Outcome::NotExercised, Outcome::KnownFailure]
        {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
    }
}
