//! The deadline of a run: it passes only while the machine gives the client its turns.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::client::witness::Watch;

/// The interval at which a run is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// The most that lost time may add to a deadline, as a multiple of it.
const MOST_ADDED: u32 = 3;

/// Decides when a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    length: Duration,
}

impl Deadline {
    /// Creates a deadline that passes after this time in which the client could run.
    pub const fn after(length: Duration) -> Self {
        Self { length }
    }

    /// Returns its length on a machine that loses no time.
    pub const fn length(self) -> Duration {
        self.length
    }

    /// Returns true if a run is over that began so long ago and lost so much of that time.
    pub fn has_passed(self, elapsed: Duration, lost: Duration) -> bool {
        elapsed >= self.length + lost.min(self.length * MOST_ADDED)
    }

    /// Waits until a run that begins now is over.
    pub(super) async fn wait(self, watch: &Watch) {
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
}
