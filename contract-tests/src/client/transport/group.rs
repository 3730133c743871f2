//! The process group of one client: signals, its end, and the search for processes left behind.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::task::spawn_blocking;
use wait4::Wait4;

use super::leaders;
use super::memory;
use super::stragglers::{self, Mark};
use super::watchdog;

/// The time that other processes have to end by themselves after the leader has ended.
const SETTLE: Duration = Duration::from_millis(300);

/// A running client. A drop before [`Group::reap`] kills the whole group.
#[derive(Debug)]
pub(super) struct Group {
    /// Taken when the process is reaped; until then the group's id can't be reused.
    leader: Option<Child>,
    id: Pid,
    mark: Mark,
    /// The gate's own memory peak at the start.
    inherited: Option<u64>,
    sampled: Option<u64>,
}

/// The facts that are known after the end.
#[derive(Debug)]
pub(super) struct Reaped {
    pub(super) status: ExitStatus,
    pub(super) peak_memory: Option<u64>,
    pub(super) left_behind: usize,
}

impl Group {
    pub(super) fn new(leader: Child, id: Pid, mark: Mark) -> Self {
        watchdog::guard_group(id.as_raw_nonzero().get());
        stragglers::note_running(&mark);
        Self { leader: Some(leader), id, mark, inherited: memory::own(), sampled: None }
    }

    /// Sends a signal to every process of the group.
    pub(super) fn signal(&self, signal: Signal) {
        // An error means that no process is left to receive it.
        let _ = kill_process_group(self.id, signal);
    }

    /// Samples the current memory peak.
    pub(super) fn sample_memory(&mut self) {
        self.sampled = self.sampled.max(memory::high_water(self.id.as_raw_nonzero().get()));
    }

    /// Resolves when the leader has ended, without reaping it.
    pub(super) fn ended(&self) -> impl Future<Output = io::Result<()>> + use<> {
        let id = self.id;
        let waits = spawn_blocking(move || {
            loop {
                match waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                    Err(rustix::io::Errno::INTR) => {}
                    ended => return ended.map(|_| ()).map_err(io::Error::from),
                }
            }
        });
        async { waits.await.map_err(io::Error::from)? }
    }

    /// Ends the remaining processes, and reaps the leader.
    pub(super) async fn reap(mut self) -> io::Result<Reaped> {
        spawn_blocking(move || {
            let left_behind = stragglers::end(&self.mark, SETTLE);
            let gone = || io::Error::other("the process is reaped already");
            let mut leader = self.leader.take().ok_or_else(gone)?;
            forget(self.id);
            let used = leader.wait4()?;
            let peak_memory = memory::peak(used.rusage.maxrss, self.sampled, self.inherited);
            Ok(Reaped { status: used.status, peak_memory, left_behind })
        })
        .await?
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(mut leader) = self.leader.take() else { return };
        self.signal(Signal::KILL);
        let id = self.id;
        // The leader is dead but not reaped, so its id stays reserved during the search.
        let _ = waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        stragglers::end(&self.mark, Duration::ZERO);
        forget(self.id);
        let _ = leader.wait();
    }
}

/// Forgets a leader that is dead: once it is reaped, its id may be somebody else's.
fn forget(id: Pid) {
    stragglers::forget_running(id);
    leaders::forget(id.as_raw_nonzero().get());
    watchdog::forget_group(id.as_raw_nonzero().get());
}
