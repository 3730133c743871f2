//! The in-process transport: a client that is a Rust value, called by the tests of its own crate.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::environment::ClientEnv;
use super::error::SubjectError;
use super::process::Bounds;
use super::report::{Report, RunResult};
use crate::client::witness::{End, Process};

/// One job: save every current document of a crew member.
#[derive(Clone)]
pub struct Job {
    /// The base URL of the service.
    pub base: String,
    /// The API key.
    pub key: String,
    /// The crew member's id.
    pub crew_id: String,
    /// The folder to save into; empty, or with the files of an earlier job.
    pub out_dir: PathBuf,
    /// The time limit.
    pub deadline: Duration,
    /// The only certificates to trust, as PEM, if `base` is https.
    pub ca_pem: Option<String>,
    /// The hosts with ports that links may lead to.
    pub link_hosts: Vec<String>,
}

impl fmt::Debug for Job {
    /// Formats the job without its key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("base", &self.base).field("crew_id", &self.crew_id).finish_non_exhaustive()
    }
}

/// A client that downloads. Its report is compared with the disk; a panic counts as a crash.
pub trait Client: Send + Sync + 'static {
    /// Does one job. After the deadline its future is dropped.
    fn download(&self, job: Job) -> impl Future<Output = Report> + Send;
}

/// A blocking client: a function that does one job. It runs on its own thread, which continues
/// after a deadline, since a thread can't be ended.
#[derive(Clone, Copy, Debug)]
pub struct Blocking<F>(pub F);

impl<F: Fn(Job) -> Report + Clone + Send + Sync + 'static> Client for Blocking<F> {
    async fn download(&self, job: Job) -> Report {
        let download = self.0.clone();
        match tokio::task::spawn_blocking(move || download(job)).await {
            Ok(report) => report,
            Err(broken) => match broken.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and the run with it.
                Err(_) => Report::new(super::Class::LocalError),
            },
        }
    }
}

type ReportFuture<'a> = Pin<Box<dyn Future<Output = Report> + Send + 'a>>;

/// [`Client`] as a trait object.
trait DynClient: Send + Sync {
    fn call(&self, job: Job) -> ReportFuture<'_>;
}

impl<C: Client> DynClient for C {
    fn call(&self, job: Job) -> ReportFuture<'_> {
        Box::pin(self.download(job))
    }
}

/// A client that is a Rust value.
#[derive(Clone)]
pub struct InProcess(Arc<dyn DynClient>);

impl InProcess {
    /// Wraps a client as a transport.
    pub fn new(client: impl Client) -> Self {
        Self(Arc::new(client))
    }

    pub(super) async fn run(
        &self,
        env: &ClientEnv,
        bounds: &Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<RunResult, SubjectError> {
        let job = Job {
            base: env.base.clone(),
            key: env.key.clone(),
            crew_id: env.crew_id.clone(),
            out_dir: env.out_dir.clone(),
            deadline: env.deadline,
            ca_pem: env.authority.as_deref().map(std::fs::read_to_string).transpose()?,
            link_hosts: env.link_hosts.clone(),
        };
        let watch = bounds.monitor.watch(None);
        let (started, client) = (Instant::now(), Arc::clone(&self.0));
        let mut running = AbortOnDrop(tokio::spawn(async move { client.call(job).await }));
        let (end, report) = tokio::select! {
            biased;
            done = &mut running.0 => match done {
                Ok(report) => (report.outcome.end(), Some(report.within(env))),
                Err(_) => (End::Gone(PANIC), None),
            },
            () = bounds.deadline.wait(&watch) => (End::Deadline, None),
            () = terminate => (End::Terminated(None), None),
        };
        let printed_report = report.as_ref().and_then(|report| serde_json::to_vec(report).ok()).unwrap_or_default();
        let printed = printed_report.len() as u64;
        let took = started.elapsed();
        let (strain, losses) = watch.finish();
        let process = Process { took, stdout: printed_report, printed, strain, losses, ..Process::ended(end) };
        Ok(RunResult { process, report })
    }
}

/// The exit code of a process that panics.
const PANIC: i32 = 101;

/// A task that is aborted when the value is dropped.
struct AbortOnDrop(tokio::task::JoinHandle<Report>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess(…)")
    }
}
