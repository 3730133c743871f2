//! The client side of a session: sends jobs to a process, and starts it again when it has ended.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Pid;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::keeper::{JobAnswer, Keeper, KeeperRequest};
use super::lines::Lines;
use super::protocol::{FromClient, Ready, ToClient};
use crate::client::task::Task;
use crate::client::transport::environment::ClientEnv;
use crate::client::transport::error::SubjectError;
use crate::client::transport::exec::Exec;
use crate::client::transport::group::Group;
use crate::client::transport::memory;
use crate::client::transport::process::Bounds;
use crate::client::transport::report::RunResult;
use crate::client::transport::start::start_session;
use crate::client::transport::stragglers::Mark;
use crate::client::transport::streams::Stream;
use crate::client::transport::watchdog::guard_folder;
use crate::client::witness::{End, Process};

/// The time limit for a process to become ready.
const READY: Duration = Duration::from_secs(10);

/// The most bytes of a process's error stream that are kept.
const KEPT: usize = 64 << 20;

/// A client whose command keeps running.
#[derive(Debug)]
pub struct Session {
    exec: Exec,
    grace: Duration,
    /// The home and the temporary files of the client, over all runs.
    folder: TempDir,
    live: tokio::sync::Mutex<Option<Running>>,
    jobs: AtomicU64,
    /// The problem of a process that has ended, until it is reported.
    broken: Arc<Mutex<Option<String>>>,
}

/// A process that takes jobs.
#[derive(Clone, Debug)]
struct Running {
    to: mpsc::UnboundedSender<KeeperRequest>,
    ready: Arc<Ready>,
    room: Arc<Semaphore>,
    errors: Arc<Stream>,
    pid: i32,
}

/// A permit for one of the jobs that the process takes at once.
#[derive(Debug)]
pub(crate) struct JobPermit {
    running: Running,
    _room: OwnedSemaphorePermit,
}

impl Session {
    /// Creates a client of this command; `grace` is the time from SIGTERM to SIGKILL. The process
    /// starts on demand.
    pub fn new(exec: Exec, grace: Duration) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("crewpass-contract-session-").tempdir()?;
        guard_folder(folder.path());
        for name in ["home", "tmp"] {
            std::fs::create_dir(folder.path().join(name))?;
        }
        let (live, broken) = (tokio::sync::Mutex::default(), Arc::default());
        Ok(Self { exec, grace, folder, live, jobs: AtomicU64::new(0), broken })
    }

    /// Returns the folder with the client's home.
    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the client's `ready` message.
    pub(crate) async fn ready(&self) -> Result<Arc<Ready>, SubjectError> {
        Ok(self.running().await?.ready)
    }

    /// Waits for a job permit, or with `alone` for all permits of the process.
    pub(crate) async fn turn(&self, alone: bool) -> Result<JobPermit, SubjectError> {
        loop {
            let running = self.running().await?;
            let many = if alone { running.ready.max_inflight } else { 1 };
            let many = u32::try_from(many).unwrap_or(1);
            // The semaphore is never closed.
            let Ok(room) = Arc::clone(&running.room).acquire_many_owned(many).await else { continue };
            if !running.to.is_closed() {
                return Ok(JobPermit { running, _room: room });
            }
        }
    }

    /// Returns the process, and starts it if there is none.
    async fn running(&self) -> Result<Running, SubjectError> {
        let mut live = self.live.lock().await;
        if let Some(problem) = self.broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(SubjectError::Session(problem));
        }
        match &*live {
            Some(running) if !running.to.is_closed() => Ok(running.clone()),
            _ => {
                let running = self.begin().await?;
                *live = Some(running.clone());
                Ok(running)
            }
        }
    }

    async fn begin(&self) -> Result<Running, SubjectError> {
        let env = self.base_environment();
        let mut child = start_session(&self.exec, &env)?;
        let pid = i32::try_from(child.id()).unwrap_or_default();
        let id = Pid::from_raw(pid).ok_or_else(|| io::Error::other("no such process"))?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let group = Group::new(child, id, Mark::new(&env, id));
        let (Some(input), Some(output), Some(errors)) = (input, output, errors) else {
            return Err(io::Error::other("the process has no pipes").into());
        };
        let mut input = Sender::from_owned_fd(input.into())?;
        let (mut lines, errors) = (Lines::new(output)?, Stream::read_up_to(KEPT, errors)?);
        let ready = timeout(READY, handshake(&mut input, &mut lines)).await;
        let ready = match ready.unwrap_or_else(|_| Err(format!("it was not ready within {} s", READY.as_secs()))) {
            Ok(ready) => Arc::new(ready),
            Err(problem) => {
                // A dead process prints no more, so its output is complete.
                drop(group);
                return Err(SubjectError::Session(with_errors(&problem, &errors.end().await.0)));
            }
        };
        let errors = Arc::new(errors);
        let (to, requests) = mpsc::unbounded_channel();
        let keeper = Keeper { group, input, lines, grace: self.grace };
        let broken = Arc::clone(&self.broken);
        tokio::spawn(async move {
            let problem = keeper.keep(requests).await;
            *broken.lock().unwrap_or_else(PoisonError::into_inner) = problem;
        });
        Ok(Running { to, room: Arc::new(Semaphore::new(ready.max_inflight)), ready, errors, pid })
    }

    /// Returns the environment of the process, without a job.
    fn base_environment(&self) -> ClientEnv {
        let folder = self.folder.path();
        ClientEnv {
            base: String::new(),
            // This text is in no environment: stragglers are known by their group and their working
            // folder.
            key: format!("a session in {}", folder.display()),
            task: Task::default(),
            crew_id: String::new(),
            out_dir: folder.to_owned(),
            home: folder.join("home"),
            temporary: folder.join("tmp"),
            authority: None,
            link_hosts: Vec::new(),
            deadline: Duration::ZERO,
            sandbox: folder.to_owned(),
        }
    }

    /// Sends one job, and waits for its end.
    pub(crate) async fn run(
        &self,
        turn: &JobPermit,
        env: &ClientEnv,
        bounds: &Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<RunResult, SubjectError> {
        let (running, started) = (&turn.running, Instant::now());
        let id = format!("j{}", self.jobs.fetch_add(1, Ordering::Relaxed) + 1);
        let line = ToClient::job(&id, env)?.line();
        let alone = running.ready.max_inflight == 1;
        let counts = alone && memory::reset_high_water(running.pid);
        let from = running.errors.kept();
        let watch = bounds.monitor.watch(Pid::from_raw(running.pid));
        let (answer, mut answered) = oneshot::channel();
        // If the process is gone, the answer never comes, which is handled below.
        let _ = running.to.send(KeeperRequest::Job { id: id.clone(), line, answer });
        let (mut deadline, mut terminated_at) = (false, None);
        let answer = tokio::select! {
            biased;
            answer = &mut answered => answer,
            () = bounds.deadline.wait(&watch) => {
                deadline = true;
                self.stop(running, id, answered).await
            }
            () = terminate => {
                terminated_at = Some(Instant::now());
                self.stop(running, id, answered).await
            }
        };
        let mut ran = ran(answer, deadline, env)?;
        ran.process.took = started.elapsed();
        (ran.process.strain, ran.process.losses) = watch.finish();
        ran.process.took_to_stop = terminated_at.map(|at| at.elapsed());
        ran.process.peak_memory = if counts { memory::high_water(running.pid) } else { None };
        ran.process.stderr = running.errors.since(from);
        ran.process.printed = (ran.process.stdout.len() + ran.process.stderr.len()) as u64;
        Ok(ran)
    }

    async fn stop(
        &self,
        running: &Running,
        id: String,
        answered: oneshot::Receiver<JobAnswer>,
    ) -> Result<JobAnswer, oneshot::error::RecvError> {
        let _ = running.to.send(KeeperRequest::Stop { id });
        answered.await
    }
}

/// Sends `hello`, and waits for `ready`.
async fn handshake(input: &mut Sender, lines: &mut Lines) -> Result<Ready, String> {
    // If the process has ended already, its error stream says why.
    let _ = input.write_all(ToClient::hello().line().as_bytes()).await;
    let line = lines.next().await?.ok_or("it ended before it was ready")?;
    match FromClient::read(&line)? {
        FromClient::Ready(ready) if ready.max_inflight > 0 => Ok(ready),
        FromClient::Ready(_) => Err("it takes no jobs: its max_inflight is 0".to_owned()),
        FromClient::AdapterError { message, .. } => Err(format!("its adapter failed: {message}")),
        FromClient::Result { .. } => Err("it gave a result before it was ready".to_owned()),
    }
}

/// Appends the last printed line to a problem.
fn with_errors(problem: &str, printed: &[u8]) -> String {
    match String::from_utf8_lossy(printed).lines().last() {
        Some(line) => format!("{problem}; the last line that it printed: {line}"),
        None => problem.to_owned(),
    }
}

/// Converts an answer to the result that a process of one job would have.
fn ran(
    answer: Result<JobAnswer, oneshot::error::RecvError>,
    deadline: bool,
    env: &ClientEnv,
) -> Result<RunResult, SubjectError> {
    let answer = answer.map_err(|_| SubjectError::Gone)?;
    let (end, report, line) = match answer {
        JobAnswer::Report(report, line) if !deadline => (report.outcome.end(), Some(report.within(env)), line),
        JobAnswer::Report(..) | JobAnswer::Stopped(_) if deadline => (End::Deadline, None, Vec::new()),
        JobAnswer::Report(report, line) => (report.outcome.end(), Some(report.within(env)), line),
        JobAnswer::Stopped(status) => (End::Terminated(status.map(code)), None, Vec::new()),
        JobAnswer::Crashed(status) => (crash(status), None, Vec::new()),
        JobAnswer::Beside => return Err(SubjectError::Beside),
        JobAnswer::Adapter(message) => return Err(SubjectError::Adapter(message)),
        JobAnswer::Broken(problem) => return Err(SubjectError::Session(problem)),
    };
    Ok(RunResult { process: Process { stdout: line, ..Process::ended(end) }, report })
}

/// Returns the same code as a shell: 128 plus the signal.
fn code(status: ExitStatus) -> i32 {
    status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or_default()
}

fn crash(status: ExitStatus) -> End {
    status.signal().map_or_else(|| End::Gone(code(status)), End::Signal)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use rustix::process::{Signal, kill_process};

    use super::*;
    use crate::client::transport::Deadline;
    use crate::client::witness::Monitor;

    #[tokio::test]
    async fn a_process_that_ends_before_its_job_is_not_a_crash_and_is_replaced() {
        let script = "read -r hello; echo '{\"type\":\"ready\",\"max_inflight\":1}'; read -r bye";
        let argv = ["sh", "-c", script].map(ToOwned::to_owned).to_vec();
        let session = Session::new(Exec { argv, ..Exec::default() }, Duration::from_secs(2)).unwrap();
        let turn = session.turn(false).await.unwrap();
        kill_process(Pid::from_raw(turn.running.pid).unwrap(), Signal::KILL).unwrap();
        turn.running.to.closed().await;
        let deadline = Deadline::after(Duration::from_mins(2));
        let bounds = Bounds { deadline, grace: Duration::from_secs(2), monitor: Monitor::start().unwrap() };
        let ran = session.run(&turn, &session.base_environment(), &bounds, pending()).await;
        assert!(ran.as_ref().is_err_and(SubjectError::is_of_another_job), "{ran:?}");
        let gone = turn.running.pid;
        drop(turn);
        assert_ne!(session.turn(false).await.unwrap().running.pid, gone);
    }
}
