//! How long a case may take, and for how long the machine may stand still in it.

use std::time::Duration;

use super::actions::duration;
use super::{HarnessError, Options};
use crate::client::scenario::Scenario;

/// The longest standstill that may count for none.
const LONGEST: Duration = Duration::from_secs(2);

/// What a case is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// When the client is told to stop.
    pub(super) deadline: Duration,
    /// The deadline that it is told of.
    pub(super) env: Duration,
}

impl Limits {
    /// Those of a scenario.
    pub(super) fn of(scenario: &Scenario, options: &Options) -> Result<Self, HarnessError> {
        let wrong = HarnessError::in_scenario(&scenario.id);
        let deadline = scenario.deadline.as_deref().map_or(Ok(options.deadline), duration).map_err(&wrong)?;
        let env = scenario.told_deadline.as_deref().map_or(Ok(deadline), duration).map_err(&wrong)?;
        Ok(Self { deadline, env })
    }

    /// A standstill up to this ends no client by a limit of its own: those are a fifth of the deadline or so.
    pub(super) fn standstill(self) -> Duration {
        (self.deadline.min(self.env) / 8).min(LONGEST)
    }
}
