//! The pulse of the gate itself: whether the machine stood still. A container that is paused, a virtual machine that is
//! frozen and a gate that is stopped by Ctrl-Z all lose time that their clocks count: deadlines pass of which nobody had
//! anything, and what was measured is not what the client did.

use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How often the pulse beats.
const BEAT: Duration = Duration::from_millis(100);

/// A beat that is so late was not kept back by work beside it.
const LATE: Duration = Duration::from_secs(2);

/// Knows for how long the machine stood still. Its thread ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Beats>>);

#[derive(Debug)]
struct Beats {
    last: Instant,
    stood: Duration,
}

impl Beats {
    /// How long it has stood still until a moment.
    fn stood(&self, now: Instant) -> Duration {
        let since = now.saturating_duration_since(self.last);
        if since > LATE { self.stood + since } else { self.stood }
    }

    fn beat(&mut self, now: Instant) {
        *self = Self { stood: self.stood(now), last: now };
    }
}

impl Pulse {
    /// Begins to beat.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let beats = Arc::new(Mutex::new(Beats { last: Instant::now(), stood: Duration::ZERO }));
        let known = Arc::downgrade(&beats);
        thread::Builder::new().name("pulse".to_owned()).spawn(move || beat(&known))?;
        Ok(Self(beats))
    }

    /// For how long the machine has stood still since the start, in whole; stretches below two seconds are none.
    pub fn stood(&self) -> Duration {
        // The clock is read under the lock: the thread may not have gone on yet, and is not late twice.
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.stood(Instant::now())
    }

    /// Waits until so much time has passed in which the machine did not stand still.
    pub async fn sleep(&self, long: Duration) {
        let mut left = long;
        while !left.is_zero() {
            let before = self.stood();
            tokio::time::sleep(left).await;
            // What has passed for nobody is waited for again.
            left = self.stood().saturating_sub(before).min(long);
        }
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

    #[test]
    fn late_beats_add_up_and_those_in_time_do_not() {
        let begun = Instant::now();
        let mut beats = Beats { last: begun, stood: Duration::ZERO };
        let mut now = begun;
        for (passed, stood) in [(100, 0), (2000, 0), (2001, 2001), (100, 2001), (30_000, 32_001)] {
            now += Duration::from_millis(passed);
            // Whoever asks before the beat is told the same as after it.
            assert_eq!(beats.stood(now), Duration::from_millis(stood));
            beats.beat(now);
            assert_eq!(beats.stood(now), Duration::from_millis(stood));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_stood_still_is_waited_for_again() {
        let pulse = Pulse::start().unwrap();
        let begun = tokio::time::Instant::now();
        let standing = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            pulse.0.lock().unwrap().stood += Duration::from_secs(25);
        };
        tokio::join!(pulse.sleep(Duration::from_secs(30)), standing);
        assert_eq!(begun.elapsed(), Duration::from_secs(55));
    }

    #[tokio::test]
    async fn a_machine_that_goes_on_stands_never_still() {
        let pulse = Pulse::start().unwrap();
        pulse.sleep(BEAT * 3).await;
        assert_eq!(pulse.stood(), Duration::ZERO);
        let known = Arc::downgrade(&pulse.0);
        drop(pulse);
        while known.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
