//! The transport for a service: it is started, gets a request about a crew member, and is ended when it has nothing more to do.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use super::environment::ClientEnv;
use super::error::SubjectError;
use super::exec::Exec;
use super::process::Bounds;
use super::report::RunResult;
use super::service::run_service;

/// The request that tells a service to begin.
pub trait Prompt: Send + Sync + 'static {
    /// Prepares one run of a service, which is about this crew member.
    ///
    /// # Errors
    /// The system refuses what a run needs, such as a port.
    fn prepare(&self, crew_id: &str) -> io::Result<Prepared>;
}

/// A run of a service that is prepared.
pub struct Prepared {
    /// Further variables of its environment.
    pub env: BTreeMap<String, String>,
    /// Waits until the service is ready, and sends it the request.
    pub send: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// A command that serves, and downloads on request.
#[derive(Clone)]
pub struct Prompted {
    exec: Exec,
    prompt: Arc<dyn Prompt>,
}

impl Prompted {
    /// Creates the transport from a command and the request that it gets.
    pub fn new(exec: Exec, prompt: impl Prompt) -> Self {
        Self { exec, prompt: Arc::new(prompt) }
    }

    /// Runs the service until `terminate` resolves, which is polled only after the request was sent.
    pub(super) async fn run(
        &self,
        env: &ClientEnv,
        bounds: Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<RunResult, SubjectError> {
        let Prepared { env: more, send } = self.prompt.prepare(&env.crew_id).map_err(SubjectError::System)?;
        let mut exec = self.exec.clone();
        exec.env.extend(more);
        let stop = async {
            send.await;
            terminate.await;
        };
        let process = run_service(&exec, env, bounds, stop).await?;
        Ok(RunResult { process, report: None })
    }
}

impl fmt::Debug for Prompted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompted").field("exec", &self.exec).finish_non_exhaustive()
    }
}
