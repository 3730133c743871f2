//! One process of a client from its start to its end, with all that is seen of it.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};

use super::environment::ClientEnv;
use super::error::SubjectError;
use super::group::Group;
use super::stragglers::Mark;
use super::streams::Stream;
use crate::client::witness::{End, Process};

/// How often a client's memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long a run may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// From the start to SIGTERM.
    pub deadline: Duration,
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
}

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Itself,
    Deadline,
    /// SIGTERM was sent; whether SIGKILL had to be, too.
    ClientEnv {
        killed: bool,
        took: Duration,
    },
}

/// Follows a process that was just started to its end.
pub(super) async fn follow(
    mut child: Child,
    env: &ClientEnv,
    bounds: Bounds,
    terminate: impl Future<Output = ()>,
) -> Result<Process, SubjectError> {
    let started = Instant::now();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let id =
        i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no such process"))?;
    let mut group = Group::new(child, id, Mark::new(env, id));
    let streams = (out.map(Stream::read).transpose()?, err.map(Stream::read).transpose()?);
    let why = watch(&mut group, started, bounds, terminate).await?;
    let took = started.elapsed();
    if why != Why::Itself {
        // Who was told to end and has not by now is not left behind, only slow.
        group.signal(Signal::KILL);
    }
    let reaped = group.reap().await?;
    let (stdout, stderr) = (text(streams.0).await, text(streams.1).await);
    Ok(Process {
        end: end(why, reaped.status),
        took,
        took_to_stop: if let Why::ClientEnv { took, .. } = why { Some(took) } else { None },
        peak_memory: reaped.peak_memory,
        printed: stdout.1 + stderr.1,
        stdout: stdout.0,
        stderr: stderr.0,
        left_behind: reaped.left_behind,
    })
}

/// Waits for the end of the first process, and sees to it that there is one.
async fn watch(
    group: &mut Group,
    started: Instant,
    bounds: Bounds,
    terminate: impl Future<Output = ()>,
) -> io::Result<Why> {
    let mut ended = pin!(group.ended());
    let mut terminate = pin!(terminate);
    let mut deadline = pin!(sleep_until((started + bounds.deadline).into()));
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let by_scenario = loop {
        tokio::select! {
            biased;
            done = &mut ended => return done.map(|()| Why::Itself),
            () = &mut deadline => break false,
            () = &mut terminate => break true,
            _ = look.tick() => group.look(),
        }
    };
    let env = Instant::now();
    group.signal(Signal::TERM);
    let in_time = timeout(bounds.grace, &mut ended).await;
    let killed = in_time.is_err();
    if let Ok(done) = in_time {
        done?;
    } else {
        group.signal(Signal::KILL);
        ended.await?;
    }
    Ok(if by_scenario { Why::ClientEnv { killed, took: env.elapsed() } } else { Why::Deadline })
}

fn end(why: Why, status: ExitStatus) -> End {
    match why {
        Why::Deadline => End::Deadline,
        Why::ClientEnv { killed: true, .. } => End::Terminated(None),
        // As a shell tells it: 128 and the signal.
        Why::ClientEnv { killed: false, .. } => {
            End::Terminated(status.code().or(status.signal().map(|signal| 128 + signal)))
        }
        Why::Itself => match status.signal() {
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
