//! The deadline of a run: it passes only while the machine gives the client its turns.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::client::witness::Watch;

/// The interval at which a run is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// The most that lost time may add to a deadline, as a multiple of it.
const MOST_ADDED: u32 = 3;

/// The limits of a run that goes on while the client does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The time without a request or the end of an answer.
    pub quiet: Duration,
    /// The time from the start of the run.
    pub most: Duration,
}

impl Default for Patience {
    /// Returns limits that no client with time limits exceeds: the usual ones are up to a minute.
    fn default() -> Self {
        Self { quiet: Duration::from_secs(65), most: Duration::from_secs(150) }
    }
}

/// Returns the time since the client did something.
pub type QuietTime = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Decides when a run is over.
#[derive(Clone)]
pub struct Deadline {
    length: Duration,
    patience: Option<(Patience, QuietTime)>,
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patience = self.patience.as_ref().map(|(patience, _)| patience);
        f.debug_struct("Deadline").field("length", &self.length).field("patience", &patience).finish()
    }
}

impl Deadline {
    /// Creates a deadline that passes after this time in which the client could run.
    pub const fn after(length: Duration) -> Self {
        Self { length, patience: None }
    }

    /// Lets a run go on after this time while the client does something.
    #[must_use]
    pub fn while_active(self, patience: Patience, quiet_time: QuietTime) -> Self {
        Self { patience: Some((patience, quiet_time)), ..self }
    }

    /// Returns true if a run is over that began so long ago and lost so much of that time.
    pub fn has_passed(&self, elapsed: Duration, lost: Duration) -> bool {
        let lost = lost.min(self.length * MOST_ADDED);
        let is_active = |(patience, quiet_time): &(Patience, QuietTime)| {
            elapsed < patience.most + lost && quiet_time() < patience.quiet + lost
        };
        elapsed >= self.length + lost && !self.patience.as_ref().is_some_and(is_active)
    }

    /// Waits until a run that begins now is over.
    pub(super) async fn wait(&self, watch: &Watch) {
        let begun = Instant::now();
        let mut look = interval(LOOK.min(self.length).max(Duration::from_millis(1)));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Before its length has passed without a loss, no deadline is over.
        tokio::time::sleep(self.length).await;
        while !self.has_passed(begun.elapsed(), watch.strain().lost) {
            look.tick().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_time_is_added_up_to_a_bound() {
        let second = Duration::from_secs(1);
        let deadline = Deadline::after(10 * second);
        assert!(!deadline.has_passed(9 * second, Duration::ZERO) && deadline.has_passed(10 * second, Duration::ZERO));
        assert!(!deadline.has_passed(14 * second, 5 * second) && deadline.has_passed(15 * second, 5 * second));
        assert!(!deadline.has_passed(39 * second, 90 * second) && deadline.has_passed(40 * second, 90 * second));
    }

    #[test]
    fn a_run_goes_on_while_the_client_does_something() {
        let second = Duration::from_secs(1);
        let patience = Patience { quiet: 65 * second, most: 150 * second };
        let after_quiet =
            |quiet: u32| Deadline::after(20 * second).while_active(patience, Arc::new(move || quiet * second));
        let has_passed = |quiet, elapsed: u32| after_quiet(quiet).has_passed(elapsed * second, Duration::ZERO);
        assert!(!has_passed(64, 84) && has_passed(65, 85));
        assert!(!has_passed(1, 149) && has_passed(1, 150));
        assert!(!has_passed(19, 19), "it is never over before its length");
        assert!(!after_quiet(65).has_passed(90 * second, 5 * second), "lost time is added");
    }
}
