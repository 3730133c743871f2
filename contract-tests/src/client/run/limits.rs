//! The time limits of a case: the deadline of the gate, and the deadline that the client gets.

use std::time::Duration;

use super::actions::duration;
use super::{HarnessError, Options};
use crate::client::scenario::{BaseForm, Scenario};

/// The time limits of a case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The time after which the gate stops the client.
    pub(super) deadline: Duration,
    /// The deadline in the environment of the client.
    pub(super) env: Duration,
}

impl Limits {
    /// Returns those of a scenario: never less than what the client's own pace asks for, and with
    /// the time that an earlier play of the case lost.
    pub(super) fn new(scenario: &Scenario, options: &Options) -> Result<Self, HarnessError> {
        let wrong = HarnessError::in_scenario(&scenario.id);
        let deadline = scenario.deadline.as_deref().map_or(Ok(options.deadline), duration).map_err(&wrong)?;
        let env = scenario.client_deadline.as_deref().map_or(Ok(deadline), duration).map_err(&wrong)?;
        // Where attempts can be seen, a client has as much time after the last one.
        let bound = options.bound.filter(|_| shows_no_attempt(scenario)).map(|bound| bound.max(options.patience.quiet));
        let deadline = bound.map_or(deadline, |bound| deadline.min(bound));
        // A client that keeps its deadline must not be ended before that.
        let env = env.min(deadline);
        let fair = |limit: Duration| limit.max(options.least_deadline) + options.added;
        Ok(Self { deadline: fair(deadline), env: fair(env) })
    }
}

/// Returns true if a scenario leads to an origin that no connection reaches: the gate sees no attempt there, and only its
/// own limit ends the wait.
fn shows_no_attempt(scenario: &Scenario) -> bool {
    let leads_there = |rule: &serde_json::Value| rule.to_string().contains("{unreachable");
    scenario.base == BaseForm::Unreachable || scenario.faults.iter().any(leads_there)
}
