//! The pulse of a runtime: how late its tasks are, those that serve the client included.

use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::monitor::{BEAT, lock};

/// A wakeup that is later than this was kept from running; timers alone are more exact.
pub(super) const LATE: Duration = Duration::from_millis(5);

/// The lateness of a task that wants to run at every beat.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Lateness>);

#[derive(Debug, Default)]
struct Lateness {
    /// The lateness of all beats until now.
    whole: Duration,
    /// The moment of the next beat; `None` without a runtime.
    due: Option<Instant>,
}

impl Pulse {
    /// Starts the task in the current runtime, if there is one. It ends when the value is dropped.
    pub(super) fn start() -> Arc<Self> {
        let pulse = Arc::new(Self::default());
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(beat(Arc::downgrade(&pulse)));
        }
        pulse
    }

    /// Returns by how much the beats were late until now, in all.
    pub(super) fn late_until(&self, now: Instant) -> Duration {
        let lateness = lock(&self.0);
        lateness.whole + lateness.of_next(now)
    }

    fn record(&self, now: Instant) {
        let mut lateness = lock(&self.0);
        let late = lateness.of_next(now);
        lateness.whole += late;
        lateness.due = Some(now + BEAT);
    }
}

impl Lateness {
    fn of_next(&self, now: Instant) -> Duration {
        let late = self.due.map_or(Duration::ZERO, |due| now.saturating_duration_since(due));
        if late > LATE { late } else { Duration::ZERO }
    }
}

async fn beat(pulse: Weak<Pulse>) {
    while let Some(pulse) = pulse.upgrade() {
        pulse.record(Instant::now());
        drop(pulse);
        tokio::time::sleep(BEAT).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn lateness_adds_up_and_counts_while_it_lasts() {
        let (pulse, begun) = (Pulse::default(), Instant::now());
        assert_eq!(pulse.late_until(begun + ms(900)), Duration::ZERO, "without a runtime nothing is due");
        pulse.record(begun);
        assert_eq!(pulse.late_until(begun + ms(29)), Duration::ZERO, "no timer is exact");
        assert_eq!(pulse.late_until(begun + ms(325)), ms(300));
        pulse.record(begun + ms(425));
        assert_eq!(pulse.late_until(begun + ms(430)), ms(400));
        assert_eq!(pulse.late_until(begun + ms(550)), ms(500));
    }

    #[tokio::test]
    async fn the_task_ends_with_the_pulse() {
        let pulse = Pulse::start();
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
        drop(pulse);
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::time::sleep(BEAT).await;
        }
    }
}
