//! The strain of a run: the time that the machine did not give to a client, computed from samples.
//!
//! Rationale: a deadline measures a client only where the machine lets it run. What a thread waited
//! for a core is known exactly (its run-queue wait), but threads wait side by side, and a client may
//! fill the machine by itself. So a sample counts at most the time since the last one, and only the
//! part of it that others caused.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Less lost time than this needs no separate entry.
const LEAST_LOSS: Duration = Duration::from_millis(5);

/// The time that a run got from the machine, and the time that it did not get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strain {
    /// The processor time of all threads.
    pub ran: Duration,
    /// The time in which threads were ready to run and had no core, added up.
    pub waited: Duration,
    /// The part of the run's own time that the machine did not give to it.
    pub lost: Duration,
}

impl Strain {
    /// Returns how many times longer the threads took than they would have taken alone.
    pub fn slowdown(self) -> f64 {
        let ran = self.ran.as_secs_f64();
        if ran <= 0.0 { 1.0 } else { 1.0 + self.waited.as_secs_f64() / ran }
    }

    /// Adds another run of the same client.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { ran: self.ran + other.ran, waited: self.waited + other.waited, lost: self.lost + other.lost }
    }
}

/// The time that a run lost, as it grew: moments since the start of the measurement, and what was lost by then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(Vec<(Duration, Duration)>);

impl Losses {
    /// Records what was lost until this moment, in all. Too little is left for a later sample to record.
    pub fn record(&mut self, at: Duration, lost: Duration) {
        if lost >= self.until(Duration::MAX) + LEAST_LOSS {
            self.0.push((at, lost));
        }
    }

    /// Returns what was lost between two moments.
    pub fn between(&self, from: Duration, to: Duration) -> Duration {
        self.until(to).saturating_sub(self.until(from))
    }

    /// Returns the most that was lost in any stretch of this length.
    pub fn most_within(&self, long: Duration) -> Duration {
        let mut begins = 0;
        let stretches = self.0.iter().map(|(until, lost)| {
            while self.0[begins].0 + long < *until {
                begins += 1;
            }
            let before = begins.checked_sub(1).map_or(Duration::ZERO, |place| self.0[place].1);
            lost.saturating_sub(before)
        });
        stretches.max().unwrap_or_default()
    }

    fn until(&self, at: Duration) -> Duration {
        let before = self.0.iter().take_while(|(moment, _)| *moment <= at);
        before.last().map_or(Duration::ZERO, |(_, lost)| *lost)
    }
}

/// The times of one thread since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ThreadTimes {
    pub(super) ran: Duration,
    pub(super) waited: Duration,
}

/// What is known of a client and of the machine at one moment.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) at: Instant,
    /// The delay of the gate's own thread, which wanted to run earlier.
    pub(super) lag: Duration,
    /// The times of each thread of the client, by its id.
    pub(super) threads: HashMap<i32, ThreadTimes>,
    /// The share of the time since the last sample in which the client waited for a disk that others used, too.
    pub(super) blocked: f64,
}

/// The strain of one run so far.
#[derive(Debug)]
pub(super) struct Meter {
    cores: f64,
    begun: Instant,
    last: Instant,
    threads: HashMap<i32, ThreadTimes>,
    strain: Strain,
    losses: Losses,
}

impl Meter {
    pub(super) fn new(cores: usize, now: Instant) -> Self {
        let cores = f64::from(u32::try_from(cores.max(1)).unwrap_or(u32::MAX));
        let (strain, losses) = (Strain::default(), Losses::default());
        Self { cores, begun: now, last: now, threads: HashMap::new(), strain, losses }
    }

    pub(super) const fn last(&self) -> Instant {
        self.last
    }

    /// Returns the number of threads at the last sample.
    pub(super) fn threads(&self) -> usize {
        self.threads.len()
    }

    pub(super) const fn strain(&self) -> Strain {
        self.strain
    }

    pub(super) const fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Takes a sample. A thread that has ended since the last one is not in it.
    pub(super) fn record(&mut self, sample: Sample) {
        let elapsed = sample.at.saturating_duration_since(self.last);
        let (mut ran, mut waited) = (Duration::ZERO, Duration::ZERO);
        for (id, now) in &sample.threads {
            let before = self.threads.get(id).copied().unwrap_or_default();
            ran += now.ran.saturating_sub(before.ran);
            waited += now.waited.saturating_sub(before.waited);
        }
        (self.last, self.threads) = (sample.at, sample.threads);
        let room = self.cores * elapsed.as_secs_f64();
        // A client that fills all cores waits for itself.
        let others = if room > 0.0 { (1.0 - ran.as_secs_f64() / room).clamp(0.0, 1.0) } else { 1.0 };
        let for_cores = waited.min(elapsed).mul_f64(others);
        let for_disk = elapsed.mul_f64(sample.blocked.clamp(0.0, 1.0));
        self.strain =
            self.strain.plus(Strain { ran, waited, lost: for_cores.max(for_disk).max(sample.lag.min(elapsed)) });
        self.losses.record(self.last.saturating_duration_since(self.begun), self.strain.lost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Returns what a meter of two cores makes of threads with these times, a second after its start.
    fn measured(threads: &[(i32, u64, u64)], blocked: f64, lag: u64) -> Strain {
        let begun = Instant::now();
        let mut meter = Meter::new(2, begun);
        let threads = threads.iter().map(|(id, ran, waited)| (*id, ThreadTimes { ran: ms(*ran), waited: ms(*waited) }));
        meter.record(Sample { at: begun + ms(1_000), lag: ms(lag), threads: threads.collect(), blocked });
        meter.strain()
    }

    #[test]
    fn a_client_that_waits_for_nothing_loses_nothing() {
        assert_eq!(measured(&[(1, 900, 0)], 0.0, 0).lost, Duration::ZERO);
        assert_eq!(measured(&[], 0.0, 0), Strain::default());
    }

    #[test]
    fn lost_time_is_known_for_every_part_of_a_run() {
        let mut losses = Losses::default();
        for (at, lost) in [(100, 40), (200, 41), (300, 90), (400, 95)] {
            losses.record(ms(at), ms(lost));
        }
        assert_eq!(losses.between(ms(0), ms(99)), Duration::ZERO);
        assert_eq!(losses.between(ms(50), ms(100)), ms(40));
        assert_eq!(losses.between(ms(100), ms(299)), Duration::ZERO, "a millisecond has no separate entry");
        assert_eq!(losses.between(ms(200), ms(350)), ms(50));
        assert_eq!(losses.between(ms(0), ms(900)), ms(95));
    }

    #[test]
    fn the_worst_stretch_is_found() {
        let mut losses = Losses::default();
        assert_eq!(losses.most_within(ms(100)), Duration::ZERO);
        for (at, lost) in [(100, 40), (200, 50), (300, 90), (900, 130), (950, 160)] {
            losses.record(ms(at), ms(lost));
        }
        assert_eq!([10, 50, 100, 200, 9_000].map(|long| losses.most_within(ms(long))), [40, 70, 70, 90, 160].map(ms));
    }

    #[test]
    fn time_in_the_run_queue_is_lost_once_however_many_threads_wait() {
        assert_eq!(measured(&[(1, 0, 800)], 0.0, 0).lost, ms(800));
        assert_eq!(measured(&[(1, 0, 800), (2, 0, 900)], 0.0, 0).lost, ms(1_000));
        assert_eq!(measured(&[(1, 0, 800), (2, 0, 900)], 0.0, 0).waited, ms(1_700));
    }

    #[test]
    fn a_client_that_fills_the_machine_by_itself_loses_nothing() {
        let busy: Vec<_> = (0..8).map(|id| (id, 250, 750)).collect();
        assert_eq!(measured(&busy, 0.0, 0).lost, Duration::ZERO);
        assert!(measured(&busy, 0.0, 0).slowdown() > 3.9);
    }

    #[test]
    fn a_disk_and_a_standstill_take_time_too() {
        assert_eq!(measured(&[(1, 0, 100)], 0.5, 0).lost, ms(500));
        assert_eq!(measured(&[(1, 0, 100)], 0.0, 700).lost, ms(700));
        assert_eq!(measured(&[], 0.0, 7_000).lost, ms(1_000));
    }

    #[test]
    fn only_what_is_new_since_the_last_sample_counts() {
        let begun = Instant::now();
        let mut meter = Meter::new(2, begun);
        for second in 1..=3 {
            let threads = HashMap::from([(7, ThreadTimes { ran: ms(0), waited: ms(400 * second) })]);
            meter.record(Sample { at: begun + ms(1_000 * second), lag: ms(0), threads, blocked: 0.0 });
        }
        assert_eq!(meter.strain().lost, ms(1_200));
    }
}
