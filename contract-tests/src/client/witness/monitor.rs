//! The monitor: one thread that samples the machine and every running client.
//!
//! It notices load (its own wakeups are late, threads of clients wait for a core), a disk that
//! others use, and a standstill: a paused container, a frozen virtual machine and a gate stopped by
//! Ctrl-Z lose time that their clocks count. A thread that mostly sleeps is served first by a busy
//! system, so the lateness of a task of the runtime is measured, too: the fake answers as late.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::machine::{Tree, disk_pressure};
use super::pulse::{LATE, Pulse};
use super::strain::{Losses, Meter, Sample, Strain};

/// The interval of the samples.
pub(super) const BEAT: Duration = Duration::from_millis(25);

/// The interval for clients with many threads, whose samples cost more.
const RARELY: Duration = Duration::from_millis(200);

/// More threads than this are many.
const FEW_THREADS: usize = 8;

/// Pressure of the disk below this share of the time slows nobody down.
const CALM_DISK: f64 = 0.2;

/// The monitor of the machine. Its thread ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Monitor(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    cores: usize,
    pulse: Arc<Pulse>,
    watched: Mutex<Vec<Weak<Mutex<Watched>>>>,
}

/// A client that is being measured; the measurement ends with a drop.
#[derive(Debug)]
pub struct Watch(Arc<Mutex<Watched>>);

#[derive(Debug)]
struct Watched {
    /// The leader of the client's processes; `None` for a client in the gate's own process.
    leader: Option<i32>,
    meter: Meter,
    /// The moment at which the monitor's thread should run next; later than that is a lag.
    due: Instant,
    pulse: Arc<Pulse>,
    /// The lateness of the pulse until the last sample.
    late: Duration,
    disk: Option<Duration>,
}

impl Monitor {
    /// Starts the monitor. In a runtime, it also measures how late the runtime's tasks are.
    ///
    /// # Errors
    /// The system can't create a thread.
    pub fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let pulse = Pulse::start();
        let shared = Arc::new(Shared { cores, pulse, watched: Mutex::default() });
        let weak = Arc::downgrade(&shared);
        thread::Builder::new().name("monitor".to_owned()).spawn(move || sample_all(&weak))?;
        Ok(Self(shared))
    }

    /// Measures a client from now on; without a process, only the gate itself.
    pub fn watch(&self, leader: Option<Pid>) -> Watch {
        let now = Instant::now();
        let watched = Arc::new(Mutex::new(Watched {
            leader: leader.map(Pid::as_raw_pid),
            meter: Meter::new(self.0.cores, now),
            due: now + BEAT,
            pulse: Arc::clone(&self.0.pulse),
            late: self.0.pulse.late_until(now),
            disk: disk_pressure(),
        }));
        lock(&self.0.watched).push(Arc::downgrade(&watched));
        Watch(watched)
    }

    /// Waits until this much time has passed in which the machine gave the gate its turns.
    pub async fn sleep(&self, long: Duration) {
        let watch = self.watch(None);
        let mut left = long;
        let mut lost = Duration::ZERO;
        while !left.is_zero() {
            tokio::time::sleep(left).await;
            let now = watch.strain().lost;
            (left, lost) = (now.saturating_sub(lost).min(long), now);
            if left < LATE {
                break;
            }
        }
    }
}

impl Watch {
    /// Measures this process from now on, too: a client that has just been started.
    pub fn follow(&self, leader: Pid) {
        lock(&self.0).leader = Some(leader.as_raw_pid());
    }

    /// Returns the strain until now.
    pub fn strain(&self) -> Strain {
        let (mut watched, now) = (lock(&self.0), Instant::now());
        // The thread may not have recorded the latest standstill yet.
        if now > watched.due + LATE {
            watched.sample(now, disk_pressure());
        }
        watched.meter.strain()
    }

    /// Returns the strain after a last sample, and how it grew, for a client that has ended and is not yet reaped.
    pub fn finish(self) -> (Strain, Losses) {
        let mut watched = lock(&self.0);
        watched.sample(Instant::now(), disk_pressure());
        (watched.meter.strain(), watched.meter.losses().clone())
    }
}

impl Watched {
    /// Takes a sample, unless it is cheap to wait for the next beat.
    fn beat(&mut self, now: Instant, disk: Option<Duration>) {
        let is_dear = self.meter.threads() > FEW_THREADS;
        let elapsed = now.saturating_duration_since(self.meter.last());
        if !is_dear || self.lag(now) > Duration::ZERO || elapsed >= RARELY {
            self.sample(now, disk);
        }
    }

    /// Returns the time by which the monitor's thread is late.
    fn lag(&self, now: Instant) -> Duration {
        let late = now.saturating_duration_since(self.due);
        if late > LATE { late } else { Duration::ZERO }
    }

    fn sample(&mut self, now: Instant, disk: Option<Duration>) {
        let elapsed = now.saturating_duration_since(self.meter.last());
        let pressure = match (self.disk, disk) {
            (Some(before), Some(now)) if !elapsed.is_zero() => {
                now.saturating_sub(before).as_secs_f64() / elapsed.as_secs_f64()
            }
            (Some(_), Some(_)) => 0.0,
            // Without the figure, the state of the client's threads has to do.
            _ => 1.0,
        };
        let tree = self.leader.map(|leader| Tree::read(leader, pressure > CALM_DISK)).unwrap_or_default();
        let blocked = if tree.is_blocked { pressure } else { 0.0 };
        let late = self.pulse.late_until(now);
        let lag = self.lag(now).max(late.saturating_sub(self.late));
        self.meter.record(Sample { at: now, lag, threads: tree.threads, blocked });
        (self.disk, self.due, self.late) = (disk, now + BEAT, late);
    }
}

/// Samples every client at every beat until the last [`Monitor`] is dropped.
fn sample_all(shared: &Weak<Shared>) {
    loop {
        thread::sleep(BEAT);
        let Some(shared) = shared.upgrade() else { return };
        let now = Instant::now();
        let mut open = Vec::new();
        lock(&shared.watched).retain(|watched| watched.upgrade().inspect(|one| open.push(Arc::clone(one))).is_some());
        drop(shared);
        let disk = if open.is_empty() { None } else { disk_pressure() };
        for watched in &open {
            lock(watched).beat(now, disk);
        }
        let after = Instant::now();
        // Sampling many clients takes its time. More than a beat is a standstill in the middle of it: the next sample
        // finds it as a lag.
        if after.saturating_duration_since(now) < BEAT {
            for watched in &open {
                lock(watched).due = after + BEAT;
            }
        }
    }
}

/// Locks, also after a panic: the figures are consistent at every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    struct Running(Child);

    impl Running {
        fn shell(script: &str) -> Self {
            Self(Command::new("sh").args(["-c", script]).spawn().unwrap())
        }

        fn watch(&self, monitor: &Monitor) -> Watch {
            monitor.watch(Pid::from_raw(i32::try_from(self.0.id()).unwrap()))
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    const BUSY: &str = "while :; do :; done";

    #[test]
    fn a_client_beside_busy_loops_loses_time_and_waits_for_a_core() {
        let monitor = Monitor::start().unwrap();
        let cores = thread::available_parallelism().unwrap().get();
        let client = Running::shell(BUSY);
        let watch = client.watch(&monitor);
        let load: Vec<_> = (0..8 * cores).map(|_| Running::shell(BUSY)).collect();
        // The load is real: the client gets less than its share, however long that takes to show.
        while watch.strain().lost < Duration::from_millis(300) {
            thread::sleep(BEAT);
        }
        let (strain, losses) = watch.finish();
        assert!(strain.waited >= strain.lost && strain.slowdown() > 1.0, "{strain:?}");
        assert!(losses.between(Duration::ZERO, Duration::MAX) > Duration::from_millis(290), "{losses:?}");
        drop(load);
    }

    #[tokio::test]
    async fn a_runtime_that_serves_late_takes_time_from_every_client() {
        let monitor = Monitor::start().unwrap();
        let watch = monitor.watch(None);
        tokio::time::sleep(2 * BEAT).await;
        let before = watch.strain().lost;
        // The runtime has one thread, which a task does not give back.
        thread::sleep(Duration::from_millis(400));
        tokio::task::yield_now().await;
        let (strain, _) = watch.finish();
        assert!(strain.lost.saturating_sub(before) >= Duration::from_millis(300), "{before:?}, then {strain:?}");
    }

    #[tokio::test]
    async fn a_wait_without_load_ends() {
        Monitor::start().unwrap().sleep(Duration::from_millis(50)).await;
    }

    #[test]
    fn a_monitor_ends_with_its_last_owner() {
        let monitor = Monitor::start().unwrap();
        let shared = Arc::downgrade(&monitor.0);
        drop(monitor);
        while shared.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
