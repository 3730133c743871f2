//! The exit code of a whole run of this tool.

use std::collections::BTreeMap;

use super::merge::Outcome;
use crate::client::run::StopSignal;
use crate::requirement::Grade;

/// The end of a run with outcomes; usage errors (2) end before there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: every obligation that counts is kept.
    Kept,
    /// 1: broken, or a known failure is stale.
    Failed,
    /// 3: nothing is broken, but something was not exercised or not observable.
    Unproved,
    /// 4: the tool itself failed.
    Broken,
    /// 4: the machine was too busy to judge an obligation that counts.
    TooBusy,
    /// 130 or 143: a signal stopped the run, and the rest was not exercised.
    Stopped(StopSignal),
}

impl Exit {
    /// Returns the exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Kept => 0,
            Self::Failed => 1,
            Self::Unproved => 3,
            Self::Broken | Self::TooBusy => 4,
            Self::Stopped(signal) => signal.code(),
        }
    }
}

/// Derives the exit from merged outcomes, where obligations up to `fail_on` count. A stale known
/// failure and a failure of the tool count at every grade. Without any outcome nothing was proved.
pub fn exit_of(merged: &BTreeMap<String, (Grade, Outcome)>, fail_on: Grade) -> Exit {
    let any =
        |wanted: &dyn Fn(Grade, Outcome) -> bool| merged.values().any(|(grade, outcome)| wanted(*grade, *outcome));
    if any(&|grade, outcome| outcome == Outcome::Stale || (outcome == Outcome::Fail && grade <= fail_on)) {
        Exit::Failed
    } else if any(&|_, outcome| outcome == Outcome::HarnessError) {
        Exit::Broken
    } else if any(&|grade, outcome| outcome == Outcome::NotJudged && grade <= fail_on) {
        Exit::TooBusy
    } else if merged.is_empty()
        || any(&|grade, outcome| grade <= fail_on && matches!(outcome, Outcome::NotExercised | Outcome::NotObservable))
    {
        Exit::Unproved
    } else {
        Exit::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Grade::{MAY, MUST, SHOULD};

    fn code(outcomes: &[(Grade, Outcome)], fail_on: Grade) -> u8 {
        let merged = outcomes.iter().enumerate().map(|(n, outcome)| (n.to_string(), *outcome)).collect();
        exit_of(&merged, fail_on).code()
    }

    #[test]
    fn only_grades_up_to_fail_on_fail() {
        for (grade, fail_on, expected) in
            [(MUST, MUST, 1), (SHOULD, MUST, 0), (MAY, MUST, 0), (SHOULD, SHOULD, 1), (MAY, SHOULD, 0), (MAY, MAY, 1)]
        {
            assert_eq!(code(&[(grade, Outcome::Fail)], fail_on), expected, "{grade:?} {fail_on:?}");
        }
    }

    #[test]
    fn unobserved_obligations_are_not_proved() {
        for outcome in [Outcome::NotExercised, Outcome::NotObservable] {
            assert_eq!(code(&[(MUST, outcome), (MUST, Outcome::Pass)], MUST), 3);
            assert_eq!(code(&[(SHOULD, outcome), (MUST, Outcome::Pass)], MUST), 0);
            assert_eq!(code(&[(SHOULD, outcome)], SHOULD), 3);
            assert_eq!(code(&[(MUST, outcome), (MUST, Outcome::Fail)], MUST), 1);
        }
        assert_eq!(code(&[], MUST), 3);
    }

    #[test]
    fn a_busy_machine_is_neither_a_failure_nor_a_success() {
        assert_eq!(code(&[(MUST, Outcome::NotJudged), (MUST, Outcome::NotExercised)], MUST), 4);
        assert_eq!(code(&[(MUST, Outcome::NotJudged), (MUST, Outcome::Fail)], MUST), 1);
        assert_eq!(code(&[(SHOULD, Outcome::NotJudged), (MUST, Outcome::Pass)], MUST), 0);
        assert_eq!(code(&[(SHOULD, Outcome::NotJudged), (MUST, Outcome::Pass)], SHOULD), 4);
    }

    #[test]
    fn excused_obligations_pass() {
        assert_eq!(
            code(&[(MUST, Outcome::Unsupported), (MUST, Outcome::KnownFailure), (MUST, Outcome::Pass)], MUST),
            0
        );
    }

    #[test]
    fn stale_entries_and_tool_failures_count_at_every_grade() {
        assert_eq!(code(&[(MAY, Outcome::Stale), (MUST, Outcome::HarnessError)], MUST), 1);
        assert_eq!(code(&[(MAY, Outcome::HarnessError), (MUST, Outcome::NotExercised)], MUST), 4);
    }
}
