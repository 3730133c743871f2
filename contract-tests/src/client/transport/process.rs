//! One process of a client from start to end, with everything observed of it.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::deadline::{Deadline, LOOK};
use super::environment::ClientEnv;
use super::error::SubjectError;
use super::group::Group;
use super::stragglers::Mark;
use super::streams::Stream;
use crate::client::witness::{End, Monitor, Process, Watch};

/// The time limits of a run, and the monitor that says which time the machine gave to it.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The time from the start to SIGTERM.
    pub deadline: Deadline,
    /// The time from SIGTERM to SIGKILL.
    pub grace: Duration,
    /// The monitor of the machine.
    pub monitor: Monitor,
}

/// The cause of a run's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EndCause {
    Itself,
    Deadline,
    /// SIGTERM was sent; `killed` if SIGKILL was needed, too.
    Terminated {
        killed: bool,
        took: Duration,
    },
}

/// Follows a newly started process to its end.
pub(super) async fn follow(
    mut child: Child,
    env: &ClientEnv,
    bounds: Bounds,
    watch: Watch,
    terminate: impl Future<Output = ()>,
) -> Result<Process, SubjectError> {
    let started = Instant::now();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let id =
        i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no such process"))?;
    let mut group = Group::new(child, id, Mark::new(env, id));
    let streams = (out.map(Stream::read).transpose()?, err.map(Stream::read).transpose()?);
    watch.follow(id);
    let cause = follow_to_end(&mut group, &watch, &bounds, terminate).await?;
    let took = started.elapsed();
    // The leader is dead but not reaped, so its last times can still be read.
    let (strain, losses) = watch.finish();
    if cause != EndCause::Itself {
        // A process that received SIGTERM and still runs is slow, not left behind.
        group.signal(Signal::KILL);
    }
    let reaped = group.reap().await?;
    let (stdout, stderr) = (text(streams.0).await, text(streams.1).await);
    Ok(Process {
        end: end(cause, reaped.status),
        took,
        took_to_stop: if let EndCause::Terminated { took, .. } = cause { Some(took) } else { None },
        peak_memory: reaped.peak_memory,
        printed: stdout.1 + stderr.1,
        stdout: stdout.0,
        stderr: stderr.0,
        left_behind: reaped.left_behind,
        strain,
        losses,
    })
}

/// Waits for the end of the leader, and enforces the deadline and `terminate`.
async fn follow_to_end(
    group: &mut Group,
    watch: &Watch,
    bounds: &Bounds,
    terminate: impl Future<Output = ()>,
) -> io::Result<EndCause> {
    let mut ended = pin!(group.ended());
    let mut terminate = pin!(terminate);
    let mut deadline = pin!(bounds.deadline.wait(watch));
    let mut sample = interval(LOOK);
    sample.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let by_scenario = loop {
        tokio::select! {
            biased;
            done = &mut ended => return done.map(|()| EndCause::Itself),
            () = &mut deadline => break false,
            () = &mut terminate => break true,
            _ = sample.tick() => group.sample_memory(),
        }
    };
    let terminated_at = Instant::now();
    group.signal(Signal::TERM);
    let in_time = timeout(bounds.grace, &mut ended).await;
    let killed = in_time.is_err();
    if let Ok(done) = in_time {
        done?;
    } else {
        group.signal(Signal::KILL);
        ended.await?;
    }
    Ok(if by_scenario { EndCause::Terminated { killed, took: terminated_at.elapsed() } } else { EndCause::Deadline })
}

fn end(cause: EndCause, status: ExitStatus) -> End {
    match cause {
        EndCause::Deadline => End::Deadline,
        EndCause::Terminated { killed: true, .. } => End::Terminated(None),
        // The same code as in a shell: 128 plus the signal.
        EndCause::Terminated { killed: false, .. } => {
            End::Terminated(status.code().or(status.signal().map(|signal| 128 + signal)))
        }
        EndCause::Itself => match status.signal() {
            Some(signal) => End::Signal(signal),
            None => End::Exit(status.code().unwrap_or_default()),
        },
    }
}

async fn text(stream: Option<Stream>) -> (Vec<u8>, u64) {
    match stream {
        Some(stream) => stream.end().await,
        None => (Vec::new(), 0),
    }
}
