//! The task that owns one ready process of a session: it passes jobs in and answers out until the
//! process ends.

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

/// The time limit for the remaining answers after the process has ended.
const REST: Duration = Duration::from_millis(200);

/// A request to the keeper.
#[derive(Debug)]
pub(super) enum KeeperRequest {
    /// Sends this job to the client.
    Job { id: String, line: String, answer: oneshot::Sender<JobAnswer> },
    /// Ends the process because of this job.
    Stop { id: String },
}

/// The result of a job.
#[derive(Debug)]
pub(super) enum JobAnswer {
    /// The client's own answer, with the original line.
    Report(Box<Report>, Vec<u8>),
    /// The adapter failed, not the client.
    Adapter(String),
    /// The process was stopped because of this job; `None` if it had to be killed.
    Stopped(Option<ExitStatus>),
    /// The process was stopped because of another job.
    Beside,
    /// The process ended by itself.
    Crashed(ExitStatus),
    /// The process broke the protocol.
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

/// Jobs without an answer, by id.
type Waiting = HashMap<String, oneshot::Sender<JobAnswer>>;

/// The state of a shutdown of the process.
#[derive(Debug, Default)]
struct StopState {
    on_account_of: Vec<String>,
    kill_at: Option<Instant>,
    killed: bool,
    broken: Option<String>,
}

impl Keeper {
    /// Serves the process until it has ended. Returns a problem that does not belong to a job.
    pub(super) async fn keep(mut self, mut requests: mpsc::UnboundedReceiver<KeeperRequest>) -> Option<String> {
        let (write, written) = mpsc::unbounded_channel();
        let writer = tokio::spawn(write_all(self.input, written));
        let (mut write, mut waiting, mut stop, mut open) = (Some(write), Waiting::new(), StopState::default(), true);
        let mut ended = pin!(self.group.ended());
        loop {
            tokio::select! {
                biased;
                line = self.lines.next(), if open => match line {
                    Ok(Some(line)) => stop.broken = stop.broken.or(deliver(line, &mut waiting).err()),
                    Ok(None) => open = false,
                    Err(problem) => stop.broken = Some(problem),
                },
                _ = &mut ended => break,
                () = sleep_until_some(stop.kill_at) => {
                    self.group.signal(Signal::KILL);
                    (stop.killed, stop.kill_at) = (true, None);
                }
                ask = requests.recv(), if write.is_some() => match (ask, &write) {
                    (Some(KeeperRequest::Job { id, line, answer }), Some(to)) => {
                        // If the writer is gone, the end of the process will show it.
                        let _ = to.send(line);
                        waiting.insert(id, answer);
                    }
                    (Some(KeeperRequest::Stop { id }), _) => {
                        self.group.signal(Signal::TERM);
                        stop.on_account_of.push(id);
                        stop.kill_at = stop.kill_at.or(Some(Instant::now() + self.grace));
                    }
                    // No job can come any more: say goodbye and close the input.
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
        // Answers that were sent before the end still count.
        while let Ok(Ok(Some(line))) = timeout(REST, self.lines.next()).await {
            stop.broken = stop.broken.or(deliver(line, &mut waiting).err());
        }
        let status = self.group.reap().await.map(|reaped| reaped.status).unwrap_or_default();
        for (id, answer) in waiting {
            // The receiver may be gone.
            let _ = answer.send(stop.answer(&id, status));
        }
        stop.broken
    }
}

impl StopState {
    fn answer(&self, id: &String, status: ExitStatus) -> JobAnswer {
        match &self.broken {
            Some(problem) => JobAnswer::Broken(problem.clone()),
            None if self.on_account_of.contains(id) => JobAnswer::Stopped((!self.killed).then_some(status)),
            None if !self.on_account_of.is_empty() => JobAnswer::Beside,
            None => JobAnswer::Crashed(status),
        }
    }
}

/// Passes a line of the client to the job that it answers. The error describes a broken line.
fn deliver(line: Vec<u8>, waiting: &mut Waiting) -> Result<(), String> {
    let (id, answer) = match FromClient::read(&line)? {
        FromClient::Ready(_) => return Err("it sent `ready` twice".to_owned()),
        FromClient::Result { id, report } => (id, JobAnswer::Report(Box::new(report), line)),
        FromClient::AdapterError { id: Some(id), message } => (id, JobAnswer::Adapter(message)),
        FromClient::AdapterError { id: None, message } => return Err(format!("its adapter failed: {message}")),
    };
    let job = waiting.remove(&id).ok_or_else(|| format!("it answered `{id}`, which is not an open job"))?;
    // The receiver may be gone.
    let _ = job.send(answer);
    Ok(())
}

async fn sleep_until_some(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

/// Writes all texts to a pipe, and closes it after the last one.
async fn write_all(mut pipe: Sender, mut texts: mpsc::UnboundedReceiver<String>) {
    while let Some(text) = texts.recv().await {
        if pipe.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}
