//! The pulse of the gate itself: whether the machine stood still. A container that is paused, a virtual machine that is
//! frozen and a gate that is stopped by Ctrl-Z all lose time that their clocks count: deadlines pass of which nobody had
//! anything, and what was measured is not what the client did.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How often the pulse beats.
const BEAT: Duration = Duration::from_millis(100);

/// A beat that is so late was not kept back by work beside it.
const SHORTEST: Duration = Duration::from_millis(500);

/// How many late beats are known. Whoever asks for what lies before them is told of these.
const KNOWN: usize = 1_000;

/// Knows when the machine stood still. Its thread ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Beats>>);

#[derive(Debug)]
struct Beats {
    last: Instant,
    /// From when to when there was no beat, the oldest first.
    gaps: VecDeque<(Instant, Instant)>,
}

impl Beats {
    fn new(now: Instant) -> Self {
        Self { last: now, gaps: VecDeque::new() }
    }

    /// For how long it stood still between two moments, in stretches that are longer than the least.
    fn stood(&self, since: Instant, now: Instant, least: Duration) -> Duration {
        // Whether the thread has noticed the last of them is its own matter.
        let gaps = self.gaps.iter().copied().chain([(self.last, now)]);
        let long = gaps.map(|(from, to)| to.saturating_duration_since(from.max(since)));
        long.filter(|long| *long > least).sum()
    }

    fn beat(&mut self, now: Instant) {
        if now.saturating_duration_since(self.last) > SHORTEST {
            if self.gaps.len() == KNOWN {
                self.gaps.pop_front();
            }
            self.gaps.push_back((self.last, now));
        }
        self.last = now;
    }
}

impl Pulse {
    /// Begins to beat.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let beats = Arc::new(Mutex::new(Beats::new(Instant::now())));
        let known = Arc::downgrade(&beats);
        thread::Builder::new().name("pulse".to_owned()).spawn(move || beat(&known))?;
        Ok(Self(beats))
    }

    /// For how long the machine has stood still since a moment, in whole; stretches up to the least count for none, nor do
    /// those of half a second and below.
    pub fn stood(&self, since: Instant, least: Duration) -> Duration {
        // The clock is read under the lock: the thread may not have gone on yet, and is not late twice.
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.stood(since, Instant::now(), least.max(SHORTEST))
    }

    /// Waits until so much time has passed in which the machine did not stand still.
    pub async fn sleep(&self, long: Duration) {
        sleep_beside(long, |begun| self.stood(begun, SHORTEST)).await;
    }
}

/// Waits for so long, and for as long again as something stood still since it began to.
async fn sleep_beside(long: Duration, stood: impl Fn(Instant) -> Duration) {
    let mut left = long;
    while !left.is_zero() {
        let begun = Instant::now();
        tokio::time::sleep(left).await;
        left = stood(begun).min(long);
    }
}

fn beat(known: &Weak<Mutex<Beats>>) {
    loop {
        thread::sleep(BEAT);
        let Some(beats) = known.upgrade() else { return };
        beats.lock().unwrap_or_else(PoisonError::into_inner).beat(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(begun: Instant, milliseconds: u64) -> Instant {
        begun + Duration::from_millis(milliseconds)
    }

    #[test]
    fn late_beats_add_up_and_those_in_time_do_not() {
        let begun = Instant::now();
        let mut beats = Beats::new(begun);
        let mut at = 0;
        for (passed, stood) in [(100, 0), (500, 0), (501, 501), (100, 501), (30_000, 30_501)] {
            at += passed;
            // Whoever asks before the beat is told the same as after it.
            assert_eq!(beats.stood(begun, after(begun, at), SHORTEST), Duration::from_millis(stood));
            beats.beat(after(begun, at));
            assert_eq!(beats.stood(begun, after(begun, at), SHORTEST), Duration::from_millis(stood));
        }
    }

    #[test]
    fn what_counts_is_longer_than_the_least_and_after_the_moment() {
        let begun = Instant::now();
        let mut beats = Beats::new(begun);
        for at in [1_000, 3_000] {
            beats.beat(after(begun, at));
        }
        let stood = |since, least| {
            beats.stood(after(begun, since), after(begun, 3_100), Duration::from_millis(least)).as_millis()
        };
        assert_eq!([stood(0, 500), stood(0, 1_000), stood(0, 2_000)], [3_000, 2_000, 0]);
        // Of a standstill in which something began, it met the rest.
        assert_eq!([stood(400, 500), stood(600, 500), stood(2_400, 500), stood(2_600, 500)], [2_600, 2_000, 600, 0]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let begun = Instant::now();
        let mut beats = Beats::new(begun);
        for at in 1..=3_000 {
            beats.beat(after(begun, at * 1_000));
        }
        assert_eq!(beats.stood(begun, after(begun, 3_000_000), SHORTEST), Duration::from_secs(1_000));
    }

    #[tokio::test(start_paused = true)]
    async fn what_stood_still_is_waited_for_again() {
        let stood = Mutex::new([Duration::ZERO, Duration::from_secs(40), Duration::from_secs(25)].to_vec());
        let begun = tokio::time::Instant::now();
        sleep_beside(Duration::from_secs(30), |_| stood.lock().unwrap().pop().unwrap()).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(30 + 25 + 30));
    }

    #[tokio::test]
    async fn a_pulse_ends_with_its_last_owner() {
        let pulse = Pulse::start().unwrap();
        let known = Arc::downgrade(&pulse.0);
        drop(pulse);
        while known.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
