//! Which obligations a scenario judges.

use super::Scenario;
use crate::requirement::{Requirement, TimeFact};

impl Scenario {
    /// Returns true if an obligation is judged in this scenario: what it provokes, and what is judged everywhere unless it
    /// says `only`.
    pub fn judges(&self, known: &Requirement) -> bool {
        let everywhere = known.is_everywhere() && !self.only;
        known.tasks.contains(&self.task) && (everywhere || self.provokes.contains(&known.id))
    }

    /// Returns true if a client may break an obligation in this scenario: it is judged here, or a client that does not end
    /// breaks it anywhere.
    pub fn may_break(&self, known: &Requirement) -> bool {
        let by_overrun = known.obligation().is_some_and(|facts| facts.time == Some(TimeFact::Overrun));
        by_overrun || self.judges(known)
    }
}
