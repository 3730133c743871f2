//! The process group of one client: signals to it, its end, and that nothing is left of it.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::task::spawn_blocking;
use wait4::Wait4;

use super::memory;
use super::stragglers::{self, Mark};

/// How long processes may go on that end by themselves, when the first one has ended.
const SETTLE: Duration = Duration::from_millis(300);

/// A running client. Dropped before [`Group::reap`], all of it is ended at once.
#[derive(Debug)]
pub(super) struct Group {
    /// Taken when it is reaped; until then the group's number is its own.
    leader: Option<Child>,
    id: Pid,
    mark: Mark,
    /// The gate's size when it started.
    inherited: Option<u64>,
    seen: Option<u64>,
}

/// What is known when it has ended.
#[derive(Debug)]
pub(super) struct Reaped {
    pub(super) status: ExitStatus,
    pub(super) peak_memory: Option<u64>,
    pub(super) left_behind: usize,
}

impl Group {
    pub(super) fn new(leader: Child, id: Pid, mark: Mark) -> Self {
        Self { leader: Some(leader), id, mark, inherited: memory::own(), seen: None }
    }

    /// Sends a signal to all of it.
    pub(super) fn signal(&self, signal: Signal) {
        // An error means that nobody is left to get it.
        let _ = kill_process_group(self.id, signal);
    }

    /// Looks how large it is now.
    pub(super) fn look(&mut self) {
        self.seen = self.seen.max(memory::high_water(self.id.as_raw_nonzero().get()));
    }

    /// Resolves when the first process has ended. It is not reaped by that.
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

    /// Ends what is left of it, and reaps the first process.
    pub(super) async fn reap(mut self) -> io::Result<Reaped> {
        spawn_blocking(move || {
            let left_behind = stragglers::end(&self.mark, SETTLE);
            let gone = || io::Error::other("the process is reaped already");
            let used = self.leader.take().ok_or_else(gone)?.wait4()?;
            let peak_memory = memory::peak(used.rusage.maxrss, self.seen, self.inherited);
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
        // Dead, but its number still its own, while the rest is looked for.
        let _ = waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        stragglers::end(&self.mark, Duration::ZERO);
        let _ = leader.wait();
    }
}
