//! The number of cases that are played at once: by what the machine shows, within limits.

use super::witness::Strain;

/// The limits on cases that are played at once. A client that waits needs almost no processor time,
/// so many of those fit beside the few busy ones. Too many busy clients would stretch each other's
/// waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtOnce {
    /// The most cases in total.
    pub total: usize,
    /// The most cases in which a client is busy from start to end.
    pub busy: usize,
    /// The most cases in which a client may wait.
    pub waiting: usize,
    /// The part of these limits that the machine can bear, from 0 to 1; it changes while cases are played.
    share: Option<f64>,
}

/// Threads may take so much longer than alone before fewer cases are played at once.
const SLOW: f64 = 5.0;

/// Threads that take less than this leave room for more cases.
const QUICK: f64 = 3.0;

/// A client that ran for less than this says nothing of the machine.
const LEAST_RUN: std::time::Duration = std::time::Duration::from_millis(20);

/// The part of the free memory that clients may fill.
const MEMORY: u64 = 2;

impl AtOnce {
    /// Returns the limits for a machine with this many cores: two busy cases per core, and eight
    /// that wait. They become less while the machine is busy.
    pub const fn for_cores(cores: usize) -> Self {
        Self { total: 10 * cores, busy: 2 * cores, waiting: 8 * cores, share: Some(1.0) }
    }

    /// Lowers every limit to `most`.
    #[must_use]
    pub fn within(self, most: usize) -> Self {
        let most = most.max(1);
        let (total, busy, waiting) = (self.total.min(most), self.busy.min(most), self.waiting.min(most));
        Self { total, busy, waiting, ..self }
    }

    /// Lowers the limits to what one run alone shows: how busy the machine is with other things, and how much memory a
    /// client needs of what is free.
    #[must_use]
    pub fn after_run(self, strain: Strain, peak_memory: Option<u64>, free_memory: Option<u64>) -> Self {
        let Some(share) = self.share else { return self };
        let fits = match (peak_memory, free_memory) {
            (Some(peak @ 1..), Some(free)) => usize::try_from(free / MEMORY / peak).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        let share = if strain.ran < LEAST_RUN { share } else { share / strain.slowdown() };
        Self { share: Some(share), ..self }.within(fits)
    }

    /// Learns from a case that has ended.
    pub(super) fn learn(&mut self, strain: Strain) {
        if let Some(share) = self.share.as_mut().filter(|_| strain.ran >= LEAST_RUN) {
            let slowdown = strain.slowdown();
            let step = 1.0 / f64::from(u32::try_from(self.busy.max(1)).unwrap_or(u32::MAX));
            let moved = if slowdown > SLOW {
                -step
            } else if slowdown < QUICK {
                step
            } else {
                0.0
            };
            *share = (*share + moved).clamp(0.0, 1.0);
        }
    }

    /// Returns the limits of now: in total, busy, waiting.
    pub(super) fn now(self) -> (usize, usize, usize) {
        let part = |limit: usize| self.share.map_or(limit, |share| scaled(limit, share));
        (part(self.total).max(2).min(self.total), part(self.busy), part(self.waiting))
    }
}

/// Returns a part of a limit, at least 1.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small number of cases, times a share between 0 and 1"
)]
fn scaled(limit: usize, share: f64) -> usize {
    ((limit as f64 * share).round() as usize).clamp(1, limit.max(1))
}

impl From<usize> for AtOnce {
    /// Returns fixed limits of `most` for each kind of case.
    fn from(most: usize) -> Self {
        let most = most.max(1);
        Self { total: most, busy: most, waiting: most, share: None }
    }
}

/// Returns the memory that new processes may use, in bytes; `None` if the system does not say.
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn strain(slowdown: u64) -> Strain {
        let ran = Duration::from_millis(100);
        Strain { ran, waited: ran * u32::try_from(slowdown - 1).unwrap(), lost: Duration::ZERO }
    }

    #[test]
    fn a_quiet_machine_gets_all_and_a_busy_one_less() {
        let whole = AtOnce::for_cores(2);
        assert_eq!(whole.now(), (20, 4, 16));
        assert_eq!(whole.after_run(strain(1), Some(1), Some(1 << 40)).now(), (20, 4, 16));
        assert_eq!(whole.after_run(strain(4), None, None).now(), (5, 1, 4));
        assert_eq!(whole.after_run(strain(60), None, None).now(), (2, 1, 1));
    }

    #[test]
    fn memory_is_a_limit() {
        assert_eq!(AtOnce::for_cores(2).after_run(strain(1), Some(100 << 20), Some(1 << 30)).now(), (5, 4, 5));
    }

    #[test]
    fn the_number_follows_the_cases_that_have_ended() {
        let mut limits = AtOnce::for_cores(2);
        limits.learn(strain(9));
        limits.learn(strain(9));
        assert_eq!(limits.now(), (10, 2, 8));
        limits.learn(strain(4));
        assert_eq!(limits.now(), (10, 2, 8));
        limits.learn(strain(1));
        assert_eq!(limits.now(), (15, 3, 12));
    }

    #[test]
    fn a_number_that_the_caller_names_is_kept() {
        let mut limits = AtOnce::from(7).after_run(strain(60), Some(1 << 30), Some(1));
        limits.learn(strain(60));
        assert_eq!(limits.now(), (7, 7, 7));
    }
}
