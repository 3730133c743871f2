//! The in-process way: a client that is a Rust value, called by its crate's own tests.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::environment::ClientEnv;
use super::error::SubjectError;
use super::process::Bounds;
use super::report::{Ran, Report};
use crate::client::witness::{End, Process};

/// One job: save every current document of a crew member.
#[derive(Clone)]
pub struct Job {
    /// The service.
    pub base: String,
    /// The API key.
    pub key: String,
    /// The crew member.
    pub crew_id: String,
    /// Where to save; an empty folder, or one that an earlier job saved into.
    pub out_dir: PathBuf,
    /// How long it may take.
    pub deadline: Duration,
    /// The certificates to trust, and no others, as PEM, where `base` is https.
    pub ca_pem: Option<String>,
    /// The hosts with their ports that links may lead to.
    pub link_hosts: Vec<String>,
}

impl fmt::Debug for Job {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("base", &self.base).field("crew_id", &self.crew_id).finish_non_exhaustive()
    }
}

/// A client that downloads. What it returns is held against the disk; a panic is a crash.
pub trait Client: Send + Sync + 'static {
    /// Does one job. Where the deadline passes, its future is dropped.
    fn download(&self, job: Job) -> impl Future<Output = Report> + Send;
}

/// A client that blocks: a function that does one job. It runs on a thread of its own, which goes on when a deadline
/// has passed, since a thread can't be ended.
#[derive(Clone, Copy, Debug)]
pub struct Blocking<F>(pub F);

impl<F: Fn(Job) -> Report + Clone + Send + Sync + 'static> Client for Blocking<F> {
    async fn download(&self, job: Job) -> Report {
        let does = self.0.clone();
        match tokio::task::spawn_blocking(move || does(job)).await {
            Ok(report) => report,
            Err(broken) => match broken.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is ending, and with it the run.
                Err(_) => Report::of(super::Class::LocalError),
            },
        }
    }
}

type Reported<'a> = Pin<Box<dyn Future<Output = Report> + Send + 'a>>;

/// [`Client`] as an object.
trait Called: Send + Sync {
    fn call(&self, job: Job) -> Reported<'_>;
}

impl<C: Client> Called for C {
    fn call(&self, job: Job) -> Reported<'_> {
        Box::pin(self.download(job))
    }
}

/// A client that is a value.
#[derive(Clone)]
pub struct InProcess(Arc<dyn Called>);

impl InProcess {
    /// A subject of this client.
    pub fn new(client: impl Client) -> Self {
        Self(Arc::new(client))
    }

    pub(super) async fn run(
        &self,
        env: &ClientEnv,
        bounds: Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<Ran, SubjectError> {
        let job = Job {
            base: env.base.clone(),
            key: env.key.clone(),
            crew_id: env.crew_id.clone(),
            out_dir: env.out_dir.clone(),
            deadline: bounds.deadline,
            ca_pem: env.authority.as_deref().map(std::fs::read_to_string).transpose()?,
            link_hosts: env.link_hosts.clone(),
        };
        let (started, client) = (Instant::now(), Arc::clone(&self.0));
        let mut running = Ended(tokio::spawn(async move { client.call(job).await }));
        let (end, report) = tokio::select! {
            biased;
            done = &mut running.0 => match done {
                Ok(report) => (report.outcome.end(), Some(report.within(env))),
                Err(_) => (End::Gone(PANIC), None),
            },
            () = sleep(bounds.deadline) => (End::Deadline, None),
            () = terminate => (End::Terminated(None), None),
        };
        let said = report.as_ref().and_then(|report| serde_json::to_vec(report).ok()).unwrap_or_default();
        let printed = said.len() as u64;
        Ok(Ran { process: Process { took: started.elapsed(), stdout: said, printed, ..Process::ended(end) }, report })
    }
}

/// What a process exits with that panics.
const PANIC: i32 = 101;

/// A task that ends with its value.
struct Ended(tokio::task::JoinHandle<Report>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess(…)")
    }
}
