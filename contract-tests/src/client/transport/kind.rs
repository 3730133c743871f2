//! The transports by which a client is reached, and the result of a run of any of them.

use std::path::Path;
use std::sync::Arc;

use super::environment::ClientEnv;
use super::error::SubjectError;
use super::exec::Exec;
use super::in_process::InProcess;
use super::process::{Bounds, follow};
use super::prompted::Prompted;
use super::report::RunResult;
use super::session::{JobPermit, Session};
use super::start::start;
use crate::client::observability::Observability;

/// The transport of a client.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A command that starts once per run.
    Exec(Exec),
    /// A command that keeps running, and receives its jobs as lines of JSON.
    Session(Arc<Session>),
    /// A Rust value.
    InProcess(InProcess),
    /// A command that serves, and downloads on request.
    Prompted(Prompted),
}

impl From<Exec> for Transport {
    fn from(exec: Exec) -> Self {
        Self::Exec(exec)
    }
}

impl From<Session> for Transport {
    fn from(session: Session) -> Self {
        Self::Session(Arc::new(session))
    }
}

impl From<Prompted> for Transport {
    fn from(service: Prompted) -> Self {
        Self::Prompted(service)
    }
}

impl From<InProcess> for Transport {
    fn from(client: InProcess) -> Self {
        Self::InProcess(client)
    }
}

/// A permit for one of the runs that a client takes at once.
#[derive(Debug)]
pub(crate) struct RunPermit(Option<JobPermit>);

impl Transport {
    /// Returns what can be observed of the client.
    pub(crate) const fn observability(&self) -> Observability {
        match self {
            Self::Exec(_) | Self::Session(_) | Self::Prompted(_) => Observability::Process,
            Self::InProcess(_) => Observability::InProcess,
        }
    }

    /// Waits until the client takes another run. `alone` reserves it completely, for a run that
    /// will be stopped: that ends everything it does.
    pub(crate) async fn place(&self, alone: bool) -> Result<RunPermit, SubjectError> {
        Ok(RunPermit(match self {
            Self::Session(session) => Some(session.turn(alone).await?),
            Self::Exec(_) | Self::InProcess(_) | Self::Prompted(_) => None,
        }))
    }

    /// Returns true if a run of the client ends only when the gate ends it.
    pub(crate) const fn serves(&self) -> bool {
        matches!(self, Self::Prompted(_))
    }

    /// Returns the most runs that the client takes at once, if there is a limit.
    pub async fn at_once(&self) -> Result<Option<usize>, SubjectError> {
        match self {
            Self::Session(session) => Ok(Some(session.ready().await?.max_inflight)),
            Self::Exec(_) | Self::InProcess(_) | Self::Prompted(_) => Ok(None),
        }
    }

    /// Returns the client's own statement whether its outcomes follow the classes, if it makes one.
    pub(crate) async fn exit_classes(&self) -> Result<Option<bool>, SubjectError> {
        match self {
            Self::Session(session) => Ok(Some(session.ready().await?.exit_classes)),
            Self::Exec(_) | Self::InProcess(_) | Self::Prompted(_) => Ok(None),
        }
    }

    /// Returns a home that the client keeps over all runs. It is searched like the home of a
    /// sandbox.
    pub(crate) fn home(&self) -> Option<&Path> {
        match self {
            Self::Session(session) => Some(session.home()),
            Self::Exec(_) | Self::InProcess(_) | Self::Prompted(_) => None,
        }
    }

    /// Runs the client once: to its own end, to the deadline, or until `terminate` resolves. A drop
    /// ends it.
    pub(crate) async fn run(
        &self,
        place: &RunPermit,
        env: &ClientEnv,
        bounds: Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<RunResult, SubjectError> {
        match (self, &place.0) {
            (Self::Exec(exec), _) => {
                // From before the start: a client may stop the machine's clocks at once.
                let watch = bounds.monitor.watch(None);
                let process = follow(start(exec, env)?, env, bounds, watch, terminate).await?;
                Ok(RunResult { process, report: None })
            }
            (Self::InProcess(client), _) => client.run(env, &bounds, terminate).await,
            (Self::Prompted(service), _) => service.run(env, bounds, terminate).await,
            (Self::Session(session), Some(turn)) => session.run(turn, env, &bounds, terminate).await,
            (Self::Session(session), None) => session.run(&session.turn(false).await?, env, &bounds, terminate).await,
        }
    }
}
