//! The pace of a client: what one friendly run takes alone, before anything is judged.

use std::time::Duration;

use super::play::play;
use super::{Fake, HarnessError, Options};
use crate::client::scenario::Scenario;
use crate::client::witness::{End, Strain};

/// The least ratio of a deadline to the time of a friendly run alone.
const TIMES: u32 = 8;

/// Longer deadlines are whole multiples of this, so that they are the same in two runs of the gate.
const STEP: Duration = Duration::from_secs(5);

/// No client makes a deadline longer than this.
const MOST: Duration = Duration::from_secs(150);

/// The pace of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The time that a friendly run takes, without what the machine did not give to it.
    pub took: Duration,
    /// The strain of that run.
    pub strain: Strain,
    /// The peak memory of the client in bytes, if it could be seen.
    pub peak_memory: Option<u64>,
}

impl Pace {
    /// Plays a friendly scenario alone. `None` if the client sent nothing or did not end by itself: that says nothing
    /// of its pace.
    ///
    /// # Errors
    /// The case can't be played.
    pub async fn measure(fake: &Fake, friendly: &Scenario, options: &Options) -> Result<Option<Self>, HarnessError> {
        let case = play(fake, friendly, None, options).await?;
        let Some(run) = case.last().filter(|run| !run.wire.is_empty()) else { return Ok(None) };
        let process = &run.process;
        let took = process.took.saturating_sub(process.strain.lost);
        let pace = Self { took, strain: process.strain, peak_memory: process.peak_memory };
        Ok(matches!(process.end, End::Exit(_)).then_some(pace))
    }

    /// Returns the shortest deadline that is fair to this client.
    pub fn least_deadline(self) -> Duration {
        let least = (self.took * TIMES).min(MOST);
        if least <= STEP {
            least
        } else {
            STEP * u32::try_from(least.as_millis().div_ceil(STEP.as_millis())).unwrap_or(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_a_multiple_of_the_pace_within_bounds() {
        let least = |milliseconds| {
            let took = Duration::from_millis(milliseconds);
            Pace { took, strain: Strain::default(), peak_memory: None }.least_deadline().as_millis()
        };
        assert_eq!([100, 625, 626, 1_300, 3_000, 60_000].map(least), [800, 5_000, 10_000, 15_000, 25_000, 150_000]);
    }
}
