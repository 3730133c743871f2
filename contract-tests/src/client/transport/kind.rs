//! The ways in which a client is reached, and what a run of any of them gives.

use std::path::Path;
use std::sync::Arc;

use super::environment::ClientEnv;
use super::error::SubjectError;
use super::exec::Exec;
use super::in_process::InProcess;
use super::process::{Bounds, follow};
use super::report::Ran;
use super::session::{Session, Turn};
use super::start::start;
use crate::client::observability::Observability;

/// How a client is reached.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A command that is started anew for every run.
    Exec(Exec),
    /// A command that stays, and is told its jobs as lines of JSON.
    Session(Arc<Session>),
    /// A Rust value.
    InProcess(InProcess),
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

impl From<InProcess> for Transport {
    fn from(client: InProcess) -> Self {
        Self::InProcess(client)
    }
}

/// A place among the runs that a client takes at once.
#[derive(Debug)]
pub(crate) struct Place(Option<Turn>);

impl Transport {
    /// What can be seen of it.
    pub(crate) const fn observability(&self) -> Observability {
        match self {
            Self::Exec(_) | Self::Session(_) => Observability::Process,
            Self::InProcess(_) => Observability::InProcess,
        }
    }

    /// Waits until the client takes another run; `alone` if it will be told to stop, which ends all that it does.
    pub(crate) async fn place(&self, alone: bool) -> Result<Place, SubjectError> {
        Ok(Place(match self {
            Self::Session(session) => Some(session.turn(alone).await?),
            Self::Exec(_) | Self::InProcess(_) => None,
        }))
    }

    /// How many runs it takes at once, where there is a bound.
    pub async fn at_once(&self) -> Result<Option<usize>, SubjectError> {
        match self {
            Self::Session(session) => Ok(Some(session.ready().await?.max_inflight)),
            Self::Exec(_) | Self::InProcess(_) => Ok(None),
        }
    }

    /// Whether it says of itself that its outcomes follow the classes.
    pub(crate) async fn exit_classes(&self) -> Result<Option<bool>, SubjectError> {
        match self {
            Self::Session(session) => Ok(Some(session.ready().await?.exit_classes)),
            Self::Exec(_) | Self::InProcess(_) => Ok(None),
        }
    }

    /// A home that is the client's over all runs, and is searched like the one of the sandbox.
    pub(crate) fn home(&self) -> Option<&Path> {
        match self {
            Self::Session(session) => Some(session.home()),
            Self::Exec(_) | Self::InProcess(_) => None,
        }
    }

    /// Runs it once, to its end: its own, the deadline's, or when `terminate` resolves. Dropped, it is ended.
    pub(crate) async fn run(
        &self,
        place: &Place,
        env: &ClientEnv,
        bounds: Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<Ran, SubjectError> {
        match (self, &place.0) {
            (Self::Exec(exec), _) => {
                let process = follow(start(exec, env)?, env, bounds, terminate).await?;
                Ok(Ran { process, report: None })
            }
            (Self::InProcess(client), _) => client.run(env, bounds, terminate).await,
            (Self::Session(session), Some(turn)) => session.run(turn, env, bounds, terminate).await,
            (Self::Session(session), None) => session.run(&session.turn(false).await?, env, bounds, terminate).await,
        }
    }
}
