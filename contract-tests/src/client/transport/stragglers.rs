//! Processes that a client left behind: found by marks that they can't easily remove, and ended one
//! by one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::process::Pid;

use super::environment::ClientEnv;

/// The marks that all processes of one client share.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// The key of the scenario, which is in their environment.
    key: Box<[u8]>,
    /// The sandbox, in which they work.
    sandbox: std::path::PathBuf,
    /// The process group that they started in.
    group: Pid,
    /// The start of the client.
    begun: Instant,
}

/// The marks of the clients that run now.
static RUNNING: Mutex<Vec<Mark>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Mark>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a client that runs: an orphan with its mark is not what another one left.
pub(super) fn note_running(mark: &Mark) {
    running().push(mark.clone());
}

/// Forgets a client that has ended.
pub(super) fn forget_running(group: Pid) {
    running().retain(|mark| mark.group != group);
}

impl Mark {
    pub(super) fn new(env: &ClientEnv, group: Pid) -> Self {
        Self { key: env.key.as_bytes().into(), sandbox: env.sandbox.clone(), group, begun: Instant::now() }
    }
}

/// Ends the remaining processes of a client, and returns their number. The group's leader must be
/// dead but not reaped, so that its id can't be reused.
pub(super) fn end(mark: &Mark, settle: std::time::Duration) -> usize {
    system::end(mark, settle)
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, waitpid};

    use super::Mark;
    use crate::client::transport::leaders;

    /// The most searches; each may find processes that were forked in between.
    const ROUNDS: usize = 100;

    /// The time that a process may take to die from SIGKILL.
    const DEATH: Duration = Duration::from_secs(2);

    pub(super) fn end(mark: &Mark, settle: Duration) -> usize {
        // Processes that are about to end by themselves are not left behind.
        for (_, process) in found(mark) {
            gone_within(&process, settle);
        }
        let mut ended = 0;
        for _ in 0..ROUNDS {
            let found = found(mark);
            if found.is_empty() {
                break;
            }
            ended += found.len();
            for (pid, process) in found {
                // An error means that the process is gone.
                let _ = pidfd_send_signal(&process, Signal::KILL);
                gone_within(&process, DEATH);
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
        ended
    }

    /// Returns the processes with the mark, each with a handle that stays valid if its id is
    /// reused.
    fn found(mark: &Mark) -> Vec<(Pid, OwnedFd)> {
        leaders::while_none_starts(|is_leftover| {
            let names = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name());
            let pids = names.filter_map(|name| Pid::from_raw(name.to_str()?.parse().ok()?));
            let others = pids.filter(|pid| *pid != mark.group && *pid != rustix::process::getpid());
            let is_ours = |pid: Pid| mark.is_on(pid) || mark.has_orphan(pid, is_leftover);
            others
                .filter(|pid| is_ours(*pid))
                .filter_map(|pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?)))
                // Checked again with the handle open, since the id may have been reused before.
                .filter(|(pid, _)| is_ours(*pid))
                .collect()
        })
    }

    impl Mark {
        fn is_on(&self, pid: Pid) -> bool {
            let of = |what: &str| format!("/proc/{}/{what}", pid.as_raw_nonzero());
            let stat = fs::read_to_string(of("stat")).unwrap_or_default();
            let Some(Stat { state, group, .. }) = Stat::parse(&stat) else { return false };
            if matches!(state, "Z" | "X") {
                return false;
            }
            group == self.group.as_raw_nonzero().get()
                || fs::read_link(of("cwd")).is_ok_and(|at| at.starts_with(&self.sandbox))
                || fs::read(of("environ")).is_ok_and(|all| all.windows(self.key.len()).any(|part| part == &*self.key))
        }
    }

    impl Mark {
        /// Returns true if a process became a child of the gate since the client began, and the gate did not start it.
        ///
        /// It may have shed environment, folder and group, and then it can't be said which of the cases that run side
        /// by side it is from. They are all runs of one client.
        fn has_orphan(&self, pid: Pid, is_leftover: &dyn Fn(i32) -> bool) -> bool {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
            let Some(Stat { state, parent, age, .. }) = Stat::parse(&stat) else { return false };
            let is_child = parent == rustix::process::getpid().as_raw_nonzero().get();
            // The system counts the start of a process in hundredths.
            let is_younger = age.is_some_and(|age| age <= self.begun.elapsed() + Duration::from_millis(20));
            let is_of_another = || super::running().iter().any(|mark| mark.group != self.group && mark.is_on(pid));
            let is_alive = !matches!(state, "Z" | "X");
            is_child && is_younger && is_alive && is_leftover(pid.as_raw_nonzero().get()) && !is_of_another()
        }
    }

    /// The fields of `/proc/PID/stat` that matter here.
    struct Stat<'a> {
        state: &'a str,
        parent: i32,
        group: i32,
        /// The time since the start of the process; `None` if the system's uptime can't be read.
        age: Option<Duration>,
    }

    impl<'a> Stat<'a> {
        /// Parses `1 (name) S 2 3 …`; the name may have any characters.
        fn parse(stat: &'a str) -> Option<Self> {
            let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
            let number = |at: usize| fields.get(at)?.parse::<i32>().ok();
            let age = || {
                let uptime = fs::read_to_string("/proc/uptime").ok()?;
                let uptime: f64 = uptime.split(' ').next()?.parse().ok()?;
                let ticks: f64 = fields.get(19)?.parse().ok()?;
                let ticks_a_second = f64::from(u32::try_from(rustix::param::clock_ticks_per_second()).ok()?);
                Duration::try_from_secs_f64((uptime - ticks / ticks_a_second).max(0.0)).ok()
            };
            Some(Self { state: fields.first()?, parent: number(1)?, group: number(2)?, age: age() })
        }
    }

    fn gone_within(process: &OwnedFd, limit: Duration) {
        let limit = Timespec { tv_sec: limit.as_secs().cast_signed(), tv_nsec: i64::from(limit.subsec_nanos()) };
        // A timeout is fine: the next search decides.
        let _ = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&limit));
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_process_name_may_have_brackets() {
            let stat = Stat::parse("7 (a) b (c) S 1 42 42 0 -1").unwrap();
            assert_eq!((stat.state, stat.parent, stat.group), ("S", 1, 42));
            assert!(Stat::parse("7 (a)").is_none());
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use rustix::process::{Signal, kill_process_group, test_kill_process_group};

    use super::Mark;

    /// Ends the group. Without /proc only the group can be seen: it counts as one process.
    pub(super) fn end(mark: &Mark, settle: std::time::Duration) -> usize {
        if test_kill_process_group(mark.group).is_err() {
            return 0;
        }
        std::thread::sleep(settle);
        let left = usize::from(test_kill_process_group(mark.group).is_ok());
        // An error means that no process is left.
        let _ = kill_process_group(mark.group, Signal::KILL);
        left
    }
}
