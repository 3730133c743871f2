//! The pulse of the gate: detects that the machine stood still. A paused container, a frozen
//! virtual machine and a gate stopped by Ctrl-Z lose time that their clocks count. Deadlines then
//! pass without anything having run, and measurements say nothing of the client.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// The interval of the pulse.
const BEAT: Duration = Duration::from_millis(100);

/// The shortest delay of a beat that counts as a standstill; load does not cause such delays.
const SHORTEST_STANDSTILL: Duration = Duration::from_millis(500);

/// The most standstills that are kept; older ones are forgotten.
const KNOWN: usize = 1_000;

/// A record of standstills of the machine. Its thread ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Beats>>);

#[derive(Debug)]
struct Beats {
    last: Instant,
    /// The standstills as start and end, the oldest first.
    gaps: VecDeque<(Instant, Instant)>,
}

impl Beats {
    fn new(now: Instant) -> Self {
        Self { last: now, gaps: VecDeque::new() }
    }

    /// Returns the time of standstills between two moments, counting those longer than `least`.
    fn standstill(&self, since: Instant, now: Instant, least: Duration) -> Duration {
        // The thread may not have recorded the latest one yet.
        let gaps = self.gaps.iter().copied().chain([(self.last, now)]);
        let long = gaps.map(|(from, to)| to.saturating_duration_since(from.max(since)));
        long.filter(|long| *long > least).sum()
    }

    fn record(&mut self, now: Instant) {
        if now.saturating_duration_since(self.last) > SHORTEST_STANDSTILL {
            if self.gaps.len() == KNOWN {
                self.gaps.pop_front();
            }
            self.gaps.push_back((self.last, now));
        }
        self.last = now;
    }
}

impl Pulse {
    /// Starts the pulse.
    ///
    /// # Errors
    /// The system can't create a thread.
    pub fn start() -> io::Result<Self> {
        let beats = Arc::new(Mutex::new(Beats::new(Instant::now())));
        let weak = Arc::downgrade(&beats);
        thread::Builder::new().name("pulse".to_owned()).spawn(move || record_beats(&weak))?;
        Ok(Self(beats))
    }

    /// Returns the total time of standstills since a moment. Standstills up to `least`, or up to
    /// half a second, do not count.
    pub fn standstill(&self, since: Instant, least: Duration) -> Duration {
        // The clock is read under the lock, so that a standstill can't be counted twice.
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.standstill(since, Instant::now(), least.max(SHORTEST_STANDSTILL))
    }

    /// Waits until this much time has passed without standstills.
    pub async fn sleep(&self, long: Duration) {
        sleep_running(long, |begun| self.standstill(begun, SHORTEST_STANDSTILL)).await;
    }
}

/// Waits, and waits again for the time of standstills that `stood` reports.
async fn sleep_running(long: Duration, standstill: impl Fn(Instant) -> Duration) {
    let mut left = long;
    while !left.is_zero() {
        let begun = Instant::now();
        tokio::time::sleep(left).await;
        left = standstill(begun).min(long);
    }
}

/// Records a beat at every interval until the last [`Pulse`] is dropped.
fn record_beats(beats: &Weak<Mutex<Beats>>) {
    loop {
        thread::sleep(BEAT);
        let Some(beats) = beats.upgrade() else { return };
        beats.lock().unwrap_or_else(PoisonError::into_inner).record(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(begun: Instant, milliseconds: u64) -> Instant {
        begun + Duration::from_millis(milliseconds)
    }

    #[test]
    fn late_beats_add_up_and_punctual_ones_do_not() {
        let begun = Instant::now();
        let mut beats = Beats::new(begun);
        let mut at = 0;
        for (passed, standstill) in [(100, 0), (500, 0), (501, 501), (100, 501), (30_000, 30_501)] {
            at += passed;
            // A query before the beat gives the same as one after it.
            assert_eq!(
                beats.standstill(begun, after(begun, at), SHORTEST_STANDSTILL),
                Duration::from_millis(standstill)
            );
            beats.record(after(begun, at));
            assert_eq!(
                beats.standstill(begun, after(begun, at), SHORTEST_STANDSTILL),
                Duration::from_millis(standstill)
            );
        }
    }

    #[test]
    fn standstills_count_if_long_enough_and_after_the_start() {
        let begun = Instant::now();
        let mut beats = Beats::new(begun);
        for at in [1_000, 3_000] {
            beats.record(after(begun, at));
        }
        let standstill = |since, least| {
            beats.standstill(after(begun, since), after(begun, 3_100), Duration::from_millis(least)).as_millis()
        };
        assert_eq!([standstill(0, 500), standstill(0, 1_000), standstill(0, 2_000)], [3_000, 2_000, 0]);
        // If a period begins inside a standstill, only the rest counts.
        assert_eq!(
            [standstill(400, 500), standstill(600, 500), standstill(2_400, 500), standstill(2_600, 500)],
            [2_600, 2_000, 600, 0]
        );
    }

    #[test]
    fn the_oldest_standstills_are_forgotten() {
        let begun = Instant::now();
        let mut beats = Beats::new(begun);
        for at in 1..=3_000 {
            beats.record(after(begun, at * 1_000));
        }
        assert_eq!(beats.standstill(begun, after(begun, 3_000_000), SHORTEST_STANDSTILL), Duration::from_secs(1_000));
    }

    #[tokio::test(start_paused = true)]
    async fn time_of_a_standstill_is_waited_for_again() {
        let standstill = Mutex::new([Duration::ZERO, Duration::from_secs(40), Duration::from_secs(25)].to_vec());
        let begun = tokio::time::Instant::now();
        sleep_running(Duration::from_secs(30), |_| standstill.lock().unwrap().pop().unwrap()).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(30 + 25 + 30));
    }

    #[tokio::test]
    async fn a_pulse_ends_with_its_last_owner() {
        let pulse = Pulse::start().unwrap();
        let beats = Arc::downgrade(&pulse.0);
        drop(pulse);
        while beats.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
