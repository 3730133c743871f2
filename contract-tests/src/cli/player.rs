//! Plays cases to a command, with one fake for all of them.

use std::sync::Arc;
use std::time::Duration;

use crate::client::case::Case;
use crate::client::plan::PlannedCase;
use crate::client::play::{PlayCase, Subject, Unplayed};
use crate::client::run::{Fake, HarnessError, Options, play};
use crate::client::scenario::Scenarios;
use crate::client::transport::{Exec, Session, SubjectError, Transport, adopt_orphans};

/// A fake and the options with which cases are played to a command.
pub(crate) struct CommandPlayer {
    fake: Arc<Fake>,
    options: Arc<Options>,
}

impl CommandPlayer {
    /// Starts the fake for a subject.
    pub(crate) async fn open(subject: Subject, scenarios: &Scenarios) -> Result<Arc<Self>, HarnessError> {
        Self::open_with(subject, scenarios, None).await
    }

    /// Starts the fake for a subject, with a number of parallel jobs.
    pub(crate) async fn open_with(
        subject: Subject,
        scenarios: &Scenarios,
        jobs: Option<usize>,
    ) -> Result<Arc<Self>, HarnessError> {
        adopt_orphans().map_err(SubjectError::System)?;
        let exec = Exec { argv: subject.command, keep_env: subject.keep_env, env: subject.env };
        let grace = Duration::from_secs(5);
        let transport: Transport =
            if subject.session { Session::new(exec, grace).map_err(SubjectError::System)?.into() } else { exec.into() };
        let options = Options {
            grace,
            deadline: subject.deadline,
            tls: subject.tls,
            plain_http_host: subject.plain_http_host,
            exit_classes: subject.exit_classes,
            worlds: scenarios.world_texts(),
            ..Options::new(transport)
        };
        let options = Options { jobs: jobs.unwrap_or(options.jobs), ..options };
        Ok(Arc::new(Self { fake: Arc::new(Fake::start().await?), options: Arc::new(options) }))
    }

    /// Returns the fake and the options.
    pub(crate) const fn parts(&self) -> (&Arc<Fake>, &Arc<Options>) {
        (&self.fake, &self.options)
    }

    /// Returns the most cases that the client takes at once, if there is a limit.
    pub(crate) async fn at_once(&self) -> Result<Option<usize>, HarnessError> {
        Ok(self.options.subject.at_once().await?)
    }
}

impl PlayCase for CommandPlayer {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        let played = play(&self.fake, &planned.scenario, None, &self.options).await;
        let mut case = played.map_err(|error| match error {
            HarnessError::Subject(SubjectError::Start(error)) => Unplayed::CannotStart(error.to_string()),
            other => Unplayed::Broken(other.to_string()),
        })?;
        case.variant = planned.variant;
        Ok(case)
    }
}
