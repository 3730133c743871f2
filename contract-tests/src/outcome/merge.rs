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
    /// The twin without which a pass does not count, if it is the reason.
    pub broken_twin: Option<String>,
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

    /// Returns true if a case said nothing about the obligation.
    pub const fn is_unshown(self) -> bool {
        matches!(self, Self::NotExercised | Self::NotObservable)
    }

    /// Returns true if a case showed the obligation to hold, or to be broken as is known.
    const fn is_shown(self) -> bool {
        matches!(self, Self::Pass | Self::KnownFailure)
    }

    /// Returns true if someone must look at it: broken, stale, or a failure of the gate.
    pub const fn is_problem(self) -> bool {
        matches!(self, Self::Fail | Self::Stale | Self::HarnessError)
    }
}

/// Returns what the outcomes of several cases come to: the gravest. A case in which the obligation was not exercised or
/// not observable counts only if no other case showed it. `None` is no case.
pub fn gravest(outcomes: impl Iterator<Item = Outcome> + Clone) -> Option<Outcome> {
    let is_shown = outcomes.clone().any(Outcome::is_shown);
    outcomes.filter(|outcome| !(is_shown && outcome.is_unshown())).min()
}

/// Returns the outcome of each obligation over all its cases, by id.
pub fn merged(results: &[ObligationResult]) -> BTreeMap<String, (Grade, Outcome)> {
    let mut by_id: BTreeMap<&String, Vec<&ObligationResult>> = BTreeMap::new();
    for result in results {
        by_id.entry(&result.id).or_default().push(result);
    }
    let merged = by_id.into_iter().filter_map(|(id, all)| {
        Some((id.clone(), (all.first()?.grade, gravest(all.iter().map(|result| result.outcome))?)))
    });
    merged.collect()
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
            broken_twin: None,
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
                    // A case that shows nothing is a note beside one that shows the obligation.
                    let is_note = graver.is_unshown() && lighter.is_shown();
                    let expected = if is_note { *lighter } else { graver };
                    assert_eq!(merged["CPK-RTY-01"], (Grade::SHOULD, expected), "{pair:?}");
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
