//! One process of a session, from the moment it is ready to its end: it takes jobs in, and gives their answers out.

use std::collections::HashMap;
use std::future::pending;
use std::pin::pin;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe::Sender;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::lines::Lines;
use super::protocol::{FromClient, ToClient};
use crate::client::transport::group::Group;
use crate::client::transport::report::Report;

/// How long the rest of its answers may take to arrive when it has ended.
const REST: Duration = Duration::from_millis(200);

/// What is asked of the keeper.
#[derive(Debug)]
pub(super) enum Ask {
    /// Give this job to the client.
    Job { id: String, line: String, answer: oneshot::Sender<Answer> },
    /// End the process on account of this job.
    Stop { id: String },
}

/// What became of a job.
#[derive(Debug)]
pub(super) enum Answer {
    /// The client's own answer, with the line as it came.
    Report(Box<Report>, Vec<u8>),
    /// The adapter failed, not the client.
    Adapter(String),
    /// It was stopped on account of this job; so it ended, `None` where it had to be killed.
    Stopped(Option<ExitStatus>),
    /// It was stopped on account of another job.
    Beside,
    /// It ended by itself.
    Crashed(ExitStatus),
    /// It did not keep to the protocol.
    Broken(String),
}

/// A process with its pipes.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) group: Group,
    pub(super) input: Sender,
    pub(super) lines: Lines,
    pub(super) grace: Duration,
}

/// Jobs that wait for their answers, by id.
type Waiting = HashMap<String, oneshot::Sender<Answer>>;

/// Why a process is being ended.
#[derive(Debug, Default)]
struct Stop {
    on_account_of: Vec<String>,
    kill_at: Option<Instant>,
    killed: bool,
    broken: Option<String>,
}

impl Keeper {
    /// Sees to the process until it has ended. What is wrong with it beyond its jobs is the answer.
    pub(super) async fn keep(mut self, mut asks: mpsc::UnboundedReceiver<Ask>) -> Option<String> {
        let (write, written) = mpsc::unbounded_channel();
        let writer = tokio::spawn(write_all(self.input, written));
        let (mut write, mut waiting, mut stop, mut open) = (Some(write), Waiting::new(), Stop::default(), true);
        let mut ended = pin!(self.group.ended());
        loop {
            tokio::select! {
                biased;
                line = self.lines.next(), if open => match line {
                    Ok(Some(line)) => stop.broken = stop.broken.or(take(line, &mut waiting).err()),
                    Ok(None) => open = false,
                    Err(problem) => stop.broken = Some(problem),
                },
                _ = &mut ended => break,
                () = at(stop.kill_at) => {
                    self.group.signal(Signal::KILL);
                    (stop.killed, stop.kill_at) = (true, None);
                }
                ask = asks.recv(), if write.is_some() => match (ask, &write) {
                    (Some(Ask::Job { id, line, answer }), Some(to)) => {
                        // A writer that is gone shows by the process's end.
                        let _ = to.send(line);
                        waiting.insert(id, answer);
                    }
                    (Some(Ask::Stop { id }), _) => {
                        self.group.signal(Signal::TERM);
                        stop.on_account_of.push(id);
                        stop.kill_at = stop.kill_at.or(Some(Instant::now() + self.grace));
                    }
                    // Nobody has a job any more: goodbye, and the end of its input.
                    _ => {
                        let _ = write.take().map(|to| to.send(ToClient::Bye.line()));
                        stop.kill_at = Some(Instant::now() + self.grace);
                    }
                },
            }
            if stop.broken.is_some() && !stop.killed {
                self.group.signal(Signal::KILL);
                stop.killed = true;
            }
        }
        writer.abort();
        // What it said before it ended still counts.
        while let Ok(Ok(Some(line))) = timeout(REST, self.lines.next()).await {
            stop.broken = stop.broken.or(take(line, &mut waiting).err());
        }
        let status = self.group.reap().await.map(|reaped| reaped.status).unwrap_or_default();
        for (id, answer) in waiting {
            // Who asked may be gone.
            let _ = answer.send(stop.answer(&id, status));
        }
        stop.broken
    }
}

impl Stop {
    fn answer(&self, id: &String, status: ExitStatus) -> Answer {
        match &self.broken {
            Some(problem) => Answer::Broken(problem.clone()),
            None if self.on_account_of.contains(id) => Answer::Stopped((!self.killed).then_some(status)),
            None if !self.on_account_of.is_empty() => Answer::Beside,
            None => Answer::Crashed(status),
        }
    }
}

/// Gives a line of the client's to the job that it answers. The error is what is wrong with it.
fn take(line: Vec<u8>, waiting: &mut Waiting) -> Result<(), String> {
    let (id, answer) = match FromClient::read(&line)? {
        FromClient::Ready(_) => return Err("it said twice that it is ready".to_owned()),
        FromClient::Result { id, report } => (id, Answer::Report(Box::new(report), line)),
        FromClient::AdapterError { id: Some(id), message } => (id, Answer::Adapter(message)),
        FromClient::AdapterError { id: None, message } => return Err(format!("its adapter failed: {message}")),
    };
    let job = waiting.remove(&id).ok_or_else(|| format!("it answered `{id}`, which waits for no answer"))?;
    // Who asked may be gone.
    let _ = job.send(answer);
    Ok(())
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

/// Writes what is to be said, and closes the pipe when nothing more is.
async fn write_all(mut pipe: Sender, mut texts: mpsc::UnboundedReceiver<String>) {
    while let Some(text) = texts.recv().await {
        if pipe.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}
