//! One scenario, played to one client from the first to the last run.

use std::collections::HashMap;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use crewpass_mock::Filter;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::actions::act;
use super::activity::{flood, quiet_time};
use super::case_env::CaseEnv;
use super::planted::PlantedTraps;
use super::sandbox::saved_as;
use super::wire::{Mark, Span, exchanges};
use super::{Fake, HarnessError, Options, Sandbox, expected};
use crate::client::case::{Case, Expected, Run};
use crate::client::scenario::{PlantKind, RightExit, RunPlan, Scenario, Terminate};
use crate::client::transport::{Bounds, Deadline, RunPermit, RunResult};
use crate::client::witness::{End, Process, Tree};

/// The time that the fake has to notice that a client is gone, before its connections are broken off.
const NOTICE: Duration = Duration::from_millis(300);

/// The time that it has to end what was broken off.
const END: Duration = Duration::from_secs(2);

/// The time that the client has to take what the fault sent, before it gets the signal to stop.
const ARRIVAL: Duration = Duration::from_millis(400);

/// The interval at which the folder of a service is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A service that asked for a link has nothing more to do if nothing came from it for so long, and it may refuse a
/// document.
const QUIET: Duration = Duration::from_secs(3);

/// The time in which the effect of a request is due.
const EFFECT: Duration = Duration::from_secs(30);

/// The time in which a service that saved everything ends what it does, such as a rename.
const SETTLED: Duration = Duration::from_millis(300);

/// The exit code of a service that has not saved everything.
const NOT_SAVED: i32 = 10;

/// A policy with the value under which a case is played.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variant {
    /// The policy.
    pub policy: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Display for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.policy, self.value)
    }
}

/// So often a case is played again that lost its process to another job: each of those had its own deadline.
const LOSSES: u32 = 10;

/// Plays a scenario, and gives all that was seen. Dropped, it ends the client and removes the sandbox.
///
/// A case whose process, shared with other jobs, was ended on account of one of them is played again.
///
/// # Errors
/// The client or the scenario can't be played, or the system did not let the gate do its work.
pub async fn play(
    fake: &Fake,
    scenario: &Scenario,
    variant: Option<&Variant>,
    options: &Options,
) -> Result<Case, HarnessError> {
    let mut losses = 0;
    loop {
        match play_through(fake, scenario, variant, options).await {
            Err(HarnessError::Subject(error)) if error.is_of_another_job() && losses < LOSSES => losses += 1,
            played => return played,
        }
    }
}

/// Plays a case again that lost this much time: nothing else may be played meanwhile, and the time is added to its
/// deadlines.
///
/// # Errors
/// As for [`play`].
pub async fn play_alone(
    fake: &Fake,
    scenario: &Scenario,
    options: &Options,
    lost: Duration,
) -> Result<Case, HarnessError> {
    let options = Options { added: options.added + lost, ..options.clone() };
    play(fake, scenario, None, &options).await
}

async fn play_through(
    fake: &Fake,
    scenario: &Scenario,
    variant: Option<&Variant>,
    options: &Options,
) -> Result<Case, HarnessError> {
    let mut scenario = scenario.clone();
    scenario.policies.extend(variant.map(|variant| (variant.policy.clone(), variant.value.clone())));
    let case_env = CaseEnv::set_up(fake, scenario, options).await?;
    let mut case_run = CaseRun { case_env: &case_env, options, seq: 0, saved: HashMap::new(), known: Vec::new() };
    let mut runs = Vec::new();
    for plan in &case_env.scenario.runs {
        runs.push(case_run.run(plan).await?);
    }
    case_env.tear_down(options, &runs);
    Ok(Case {
        variant: variant.map(ToString::to_string),
        exit_classes: options.subject.exit_classes().await?.unwrap_or(options.exit_classes),
        observability: options.subject.observability(),
        ..case_env.case(runs)
    })
}

/// Returns true if each of these documents is a file of the tree.
fn is_saved(tree: &Tree, documents: &[Expected]) -> bool {
    documents.iter().all(|document| saved_as(tree, &document.sha256).is_some())
}

/// A case on its way.
struct CaseRun<'a> {
    case_env: &'a CaseEnv<'a>,
    options: &'a Options,
    /// The number of the last exchange.
    seq: u64,
    /// The paths of the documents that were saved so far, by id.
    saved: HashMap<String, PathBuf>,
    /// The documents of all runs so far.
    known: Vec<Expected>,
}

impl CaseRun<'_> {
    async fn run(&mut self, plan: &RunPlan) -> Result<Run, HarnessError> {
        let case_env = self.case_env;
        let traps = &case_env.scenario.traps;
        // A trap in the home of a session would be one for its other jobs, too.
        let place = self.options.subject.place(plan.terminate.is_some() || !traps.is_empty()).await?;
        self.prepare(plan)?;
        let home = self.options.subject.home().map_or_else(|| case_env.sandbox.home(), |folder| folder.join("home"));
        let _traps = PlantedTraps::plant(traps, &home).map_err(HarnessError::while_doing("planting a trap"))?;
        let current = expected::current(&case_env.session, &case_env.scenario).await?;
        self.known.extend(current.iter().cloned());
        let mut before = self.tree().await?;
        let (default, counts) = (case_env.fake.server.session(), case_env.listeners.counts());
        let mark = Mark::here(&case_env.session, &default);
        let from = case_env.fake.server.uptime();
        let RunResult { mut process, report } = self.process(&place, plan, &current).await?;
        let span = Span { from, to: case_env.fake.server.uptime() };
        self.settle().await;
        let wire = exchanges(&case_env.session, &default, &case_env.listeners, mark, span, &mut self.seq);
        let handshakes = case_env.listeners.handshakes(&counts);
        let mut after = self.tree().await?;
        self.note_saved(&after);
        // A service has no exit: the code says whether it saved everything.
        if self.options.subject.serves() && matches!(process.end, End::Terminated(_)) {
            process.end = End::Exit(if is_saved(&after, &current) { 0 } else { NOT_SAVED });
        }
        after.forget_what_is_in(&mut before);
        Ok(Run { current, wire, handshakes, before, after, process, report })
    }

    /// Applies the changes before a run, and plants the files of the folder.
    fn prepare(&self, plan: &RunPlan) -> Result<(), HarnessError> {
        let (case_env, sandbox) = (self.case_env, &self.case_env.sandbox);
        let wrong = HarnessError::in_scenario(&case_env.scenario.id);
        for action in &plan.before {
            act(&case_env.session, &case_env.scenario.crew_id, action, &case_env.placeholders).map_err(&wrong)?;
        }
        if plan.fresh_folder {
            sandbox.renew_out().map_err(HarnessError::while_doing("emptying the folder to save into"))?;
        }
        for plant in &plan.plant {
            // A client that saved nothing meets an empty folder; that nothing was planted shows in the tree before.
            let Some(place) = self.saved.get(&plant.as_saved) else { continue };
            let planted = match plant.kind {
                PlantKind::Symlink => sandbox.plant_symlink(place),
                PlantKind::OtherFile => sandbox.plant_file(place),
            };
            planted.map_err(HarnessError::while_doing("planting a file"))?;
        }
        Ok(())
    }

    async fn process(
        &self,
        place: &RunPermit,
        plan: &RunPlan,
        current: &[Expected],
    ) -> Result<RunResult, HarnessError> {
        let (case_env, options) = (self.case_env, self.options);
        let mut deadline = Deadline::after(case_env.limits.deadline);
        // A pause before another try, or a long limit of the client, is no reason to end it.
        if case_env.scenario.may_wait() {
            deadline = deadline.while_active(options.patience, quiet_time(case_env));
        }
        let bounds = Bounds { deadline, grace: options.grace, monitor: case_env.fake.monitor.clone() };
        let fault = plan.terminate.as_ref().map(|Terminate::Fault(name)| (name, case_env.session.times_fired(name)));
        let terminate = async {
            match fault {
                Some((name, before)) => {
                    case_env.session.wait_for_fault(name, before).await;
                    sleep(ARRIVAL).await;
                }
                None if options.subject.serves() => self.has_settled(current).await,
                None => pending().await,
            }
        };
        let flood = flood(&case_env.listeners);
        let client_env = case_env.client_env();
        let mut running = pin!(options.subject.run(place, &client_env, bounds, terminate));
        tokio::select! {
            biased;
            ran = &mut running => Ok(ran?),
            took = flood => {
                // Dropped with this function, the run is ended.
                let ended = Process { took, ..Process::ended(End::Flood) };
                Ok(RunResult { process: ended, report: None })
            }
        }
    }

    /// Resolves when a service has saved every document, when it may refuse one and is quiet, or when its time is over.
    async fn has_settled(&self, current: &[Expected]) {
        let (quiet_time, begun) = (quiet_time(self.case_env), Instant::now());
        let may_refuse = self.case_env.scenario.right_exit != RightExit::Saved;
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Some services try again for ever.
        while begun.elapsed() < EFFECT + self.options.added {
            look.tick().await;
            let mut exchanges = self.case_env.session.journal(&Filter::default()).into_exchanges();
            let has_asked = exchanges.any(|noted| noted.step.as_str() == "link");
            // What can't be read is not there.
            let is_whole = self.tree().await.is_ok_and(|tree| is_saved(&tree, current));
            let quiet = quiet_time().min(begun.elapsed());
            if (is_whole && quiet >= SETTLED) || (has_asked && may_refuse && quiet >= QUIET) {
                return;
            }
        }
    }

    /// Lets the fake end what the client left open, so that the transcript is whole.
    async fn settle(&self) {
        let session = &self.case_env.session;
        let noticed = timeout(NOTICE, session.wait_until_idle()).await.is_ok();
        self.case_env.listeners.break_off();
        if !noticed {
            // What is not over by then never will be, and is not in the transcript.
            let _ = timeout(END, session.wait_until_idle()).await;
        }
    }

    fn note_saved(&mut self, after: &Tree) {
        for document in &self.known {
            if let Some(place) = saved_as(after, &document.sha256) {
                self.saved.insert(document.id.clone(), place);
            }
        }
    }

    /// Reads the sandbox, and the home that a client keeps over all its runs, as if it were that of the sandbox.
    async fn tree(&self) -> Result<Tree, HarnessError> {
        let (sandbox, home) = (self.case_env.sandbox.clone(), self.options.subject.home().map(Path::to_path_buf));
        let longest = self.known.iter().map(|document| document.len).max().unwrap_or_default();
        let scan = move || {
            let mut tree = sandbox.tree(longest)?;
            if let Some(home) = home {
                tree.graft(Tree::read(&home, longest)?, &Sandbox::home_from_root());
            }
            Ok(tree)
        };
        spawn_blocking(scan).await?.map_err(HarnessError::while_doing("scanning the sandbox"))
    }
}
