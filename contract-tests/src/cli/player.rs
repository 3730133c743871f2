//! Who plays the cases: the runner, with one fake for all of them.

use std::sync::Arc;

use crewpass_contract::case::Case;
use crewpass_contract::plan::PlannedCase;
use crewpass_contract::play::{Player, Subject, Unplayed};
use crewpass_contract::runner::{Fake, HarnessError, Options, play};
use crewpass_contract::scenario::Scenarios;
use crewpass_contract::subject::{Exec, SubjectError, adopt_orphans};

/// Plays cases to a command.
pub(crate) struct Gate {
    fake: Fake,
    options: Options,
}

impl Gate {
    /// Starts the fake for a subject.
    pub(crate) async fn open(subject: Subject, scenarios: &Scenarios) -> Result<Arc<Self>, HarnessError> {
        adopt_orphans().map_err(SubjectError::System)?;
        let exec = Exec { argv: subject.command, keep_env: subject.keep_env, env: subject.env };
        let options = Options {
            deadline: subject.deadline,
            tls: subject.tls,
            exit_classes: subject.exit_classes,
            worlds: scenarios.world_texts(),
            ..Options::new(exec)
        };
        Ok(Arc::new(Self { fake: Fake::start().await?, options }))
    }
}

impl Player for Gate {
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
