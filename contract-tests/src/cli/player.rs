//! Plays cases to a command, with one fake for all of them.

use std::sync::Arc;
use std::time::Duration;

use crate::client::at_once::free_memory;
use crate::client::case::Case;
use crate::client::judge::judge_of;
use crate::client::plan::PlannedCase;
use crate::client::play::{AtOnce, PlayCase, Played, Subject, Unplayed};
use crate::client::run::{Fake, HarnessError, Options, Pace, in_memory, play, play_alone, sweep};
use crate::client::scenario::Scenarios;
use crate::client::task::Task;
use crate::client::transport::{Exec, Prompted, Session, SubjectError, Transport, adopt_orphans};
use crate::outcome::is_in_doubt;
use crate::requirement::Catalogue;

/// The longest run of a receiver: 30 s until it listens, and 30 s until it asks for a link.
const SERVICE: Duration = Duration::from_secs(90);

/// A fake and the options with which cases are played to a command.
pub(crate) struct CommandPlayer {
    fake: Arc<Fake>,
    options: Arc<Options>,
    catalogue: Catalogue,
    pace: Option<Pace>,
}

impl CommandPlayer {
    /// Starts the fake for a subject; with a number of parallel jobs, if the caller names one.
    pub(crate) async fn open(
        subject: Subject,
        scenarios: &Scenarios,
        catalogue: &Catalogue,
        jobs: Option<usize>,
    ) -> Result<Self, HarnessError> {
        adopt_orphans().map_err(SubjectError::System)?;
        sweep(&std::env::temp_dir());
        let exec = Exec { argv: subject.command, keep_env: subject.keep_env, env: subject.env };
        let grace = Duration::from_secs(5);
        let transport: Transport =
            if subject.session { Session::new(exec, grace).map_err(SubjectError::System)?.into() } else { exec.into() };
        let options = Options {
            grace,
            deadline: subject.deadline,
            bound: subject.bound,
            patience: subject.patience.unwrap_or_default(),
            tls: subject.tls,
            plain_http_host: subject.plain_http_host,
            exit_classes: subject.exit_classes,
            worlds: scenarios.world_texts(),
            ..Options::new(transport)
        };
        let options = Options { jobs: jobs.unwrap_or(options.jobs), ..options };
        let fake = Arc::new(Fake::start().await?);
        Ok(Self { fake, options: Arc::new(options), catalogue: catalogue.clone(), pace: None })
    }

    /// Starts the fake for a receiver, which downloads when it gets a delivery.
    pub(crate) async fn serving(
        service: Prompted,
        scenarios: &Scenarios,
        catalogue: &Catalogue,
        jobs: usize,
    ) -> Result<Self, HarnessError> {
        sweep(&std::env::temp_dir());
        let options = Options {
            deadline: SERVICE,
            jobs,
            worlds: scenarios.world_texts(),
            ..Options::new(Transport::from(service))
        };
        let fake = Arc::new(Fake::start().await?);
        Ok(Self { fake, options: Arc::new(options), catalogue: catalogue.clone(), pace: None })
    }

    /// Makes the sandboxes in memory, if the system has a place for that and `TMPDIR` names no other folder.
    pub(crate) fn in_memory(self) -> Self {
        let mut options = Options::clone(&self.options);
        options.sandboxes = options.sandboxes.or_else(in_memory);
        Self { options: Arc::new(options), ..self }
    }

    /// Measures the pace of the client by one friendly run of its task, and derives the least deadline from it.
    pub(crate) async fn with_pace(self, scenarios: &Scenarios, task: Task) -> Self {
        // A client that can't be played shows that in every case; here it only has no pace.
        let pace = match scenarios.get(task.friendly_scenario()) {
            Some(friendly) => Pace::measure(&self.fake, friendly, &self.options).await.ok().flatten(),
            None => None,
        };
        let least_deadline = pace.map_or(Duration::ZERO, Pace::least_deadline);
        let options = Options { least_deadline, ..Options::clone(&self.options) };
        Self { options: Arc::new(options), pace, ..self }
    }

    /// Returns the time limit of a run, where a scenario does not have its own.
    pub(crate) fn deadline(&self) -> Duration {
        self.options.deadline.max(self.options.least_deadline)
    }

    /// Returns the fake and the options.
    pub(crate) const fn parts(&self) -> (&Arc<Fake>, &Arc<Options>) {
        (&self.fake, &self.options)
    }

    /// Returns the number of cases that are played at once: the caller's, or what the machine and the client bear.
    pub(crate) async fn at_once(&self, jobs: Option<usize>) -> Result<AtOnce, HarnessError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = jobs.map_or_else(|| AtOnce::for_cores(cores), AtOnce::from);
        let limits = match self.pace {
            Some(pace) => limits.after_run(pace.strain, pace.peak_memory, free_memory()),
            None => limits,
        };
        Ok(self.options.subject.at_once().await?.map_or(limits, |most| limits.within(most)))
    }
}

/// Converts the result of a case.
fn unplayed(error: HarnessError) -> Unplayed {
    match error {
        HarnessError::Subject(SubjectError::Start(error)) => Unplayed::CannotStart(error.to_string()),
        other => Unplayed::Broken(other.to_string()),
    }
}

impl PlayCase for CommandPlayer {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        let played = play(&self.fake, &planned.scenario, None, &self.options).await;
        Ok(Case { variant: planned.variant, ..played.map_err(unplayed)? })
    }

    async fn play_alone(&self, planned: PlannedCase, lost: Duration) -> Result<Case, Unplayed> {
        let played = play_alone(&self.fake, &planned.scenario, &self.options, lost).await;
        Ok(Case { variant: planned.variant, ..played.map_err(unplayed)? })
    }

    fn is_in_doubt(&self, one: &Played) -> bool {
        is_in_doubt(one, &self.catalogue, judge_of)
    }
}
