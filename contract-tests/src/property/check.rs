//! Plays drawn cases, several at once, and shrinks the first failure by playing it to the client
//! again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::sync::RwLock;
use tokio::task::{AbortHandle, JoinSet};

use super::draw::{Draw, Size, draw};
use crate::client::case::Case;
use crate::client::judge::{Finding, Verdict, judge_of, overrun};
use crate::client::run::{Fake, HarnessError, Options, in_memory, play, play_alone};
use crate::client::scenario::Scenario;
use crate::client::task::Task;
use crate::outcome::is_unjudged;
use crate::requirement::{Catalogue, Grade, TimeFact};

/// The most waiting cases at once; they need almost no processor time, so there may be many.
const WAITING_AT_ONCE: usize = 16;

/// The most smaller candidates that are played at once; of those that fail, the one that removes
/// most is taken.
const SHRINKING_AT_ONCE: usize = 6;

/// The limits of a search.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The most cases.
    pub cases: u32,
    /// The seed.
    pub seed: u64,
    /// No further case begins after this time. Running cases may end later.
    pub time: Option<Duration>,
    /// The most plays for shrinking a counterexample.
    pub shrinks: u32,
    /// A broken obligation up to this grade is a counterexample.
    pub fail_on: Grade,
    /// The task of the client.
    pub task: Task,
}

/// Progress of a search.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The number of cases that have ended.
    Played(u32),
    /// A case failed, by number; it is now shrunk.
    Failed(u32),
    /// A smaller case also fails; it has this size.
    Shrunk(Size),
}

/// The result of a search.
#[derive(Debug, Default)]
pub struct Checked {
    /// The number of played cases.
    pub played: u32,
    /// The number of those in which the client may have had to wait.
    pub waiting: u32,
    /// The number of those in which the exit could be judged.
    pub exercised: u32,
    /// A case in which the exit could not be judged, although nothing is broken.
    pub unjudged: Option<Box<Case>>,
    /// The duration of the search.
    pub took: Duration,
    /// The smallest failing case, if any.
    pub counterexample: Option<Counterexample>,
}

/// A failing case after shrinking.
#[derive(Debug)]
pub struct Counterexample {
    /// The case's number, from 0.
    pub number: u32,
    /// The shrunk scenario.
    pub scenario: Scenario,
    /// The findings, by obligation.
    pub broken: Vec<(String, Vec<Finding>)>,
    /// The played case.
    pub case: Case,
    /// The number of plays for shrinking.
    pub shrinks: u32,
}

/// A played case with its findings.
struct JudgedCase {
    case: Case,
    broken: Vec<(String, Vec<Finding>)>,
    exercised: bool,
}

/// The values that all plays share.
#[derive(Clone)]
struct PropertyRun {
    fake: Arc<Fake>,
    options: Arc<Options>,
    catalogue: Arc<Catalogue>,
    fail_on: Grade,
    /// Shared by cases beside each other, exclusive for one that is played alone.
    turns: Arc<RwLock<()>>,
}

/// Draws and plays cases until one fails or the budget is spent. Sandboxes are small, so they are
/// in memory if the system has a place for that and neither the options nor `TMPDIR` name another
/// one.
///
/// # Errors
/// The client can't be run, or the gate failed.
pub async fn check(
    fake: &Arc<Fake>,
    options: &Arc<Options>,
    catalogue: &Arc<Catalogue>,
    budget: Budget,
    mut watch: impl FnMut(Event),
) -> Result<Checked, HarnessError> {
    let mut options = Options::clone(options);
    options.sandboxes = options.sandboxes.or_else(in_memory);
    let run = PropertyRun {
        fake: Arc::clone(fake),
        options: Arc::new(options),
        catalogue: Arc::clone(catalogue),
        fail_on: budget.fail_on,
        turns: Arc::default(),
    };
    let started = Instant::now();
    let mut checked = Checked::default();
    let failed = run.first_failure(budget, &mut checked, &mut watch).await?;
    if let Some((number, judged)) = failed {
        watch(Event::Failed(number));
        checked.counterexample = Some(Box::pin(run.shrink(number, judged, budget, &mut watch)).await?);
    }
    checked.took = started.elapsed();
    Ok(checked)
}

/// Returns the value tree of a case; the same seed and number always draw the same case.
fn tree(budget: Budget, number: u32) -> Result<impl ValueTree<Value = Draw>, HarnessError> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&budget.seed.to_le_bytes());
    seed[8..12].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = draw(budget.task).new_tree(&mut runner);
    tree.map_err(|why| HarnessError::in_scenario("property/drawn")(why))
}

impl PropertyRun {
    /// Plays until a case fails. Of several failures, the one that was drawn first wins.
    async fn first_failure(
        &self,
        budget: Budget,
        checked: &mut Checked,
        watch: &mut impl FnMut(Event),
    ) -> Result<Option<(u32, JudgedCase)>, HarnessError> {
        let (started, mut next) = (Instant::now(), 0);
        let bound = self.options.subject.at_once().await?.unwrap_or(usize::MAX);
        let (quick_most, waiting_most) = (self.options.jobs.min(bound).max(1), WAITING_AT_ONCE.min(bound).max(1));
        let mut playing: JoinSet<(u32, bool, Result<JudgedCase, HarnessError>)> = JoinSet::new();
        let (mut quick, mut waiting, mut failed): (usize, usize, Option<(u32, JudgedCase)>) = (0, 0, None);
        let mut drawn: Option<(bool, Scenario)> = None;
        let mut later: BTreeMap<u32, AbortHandle> = BTreeMap::new();
        loop {
            while failed.is_none() && next < budget.cases && budget.time.is_none_or(|time| started.elapsed() < time) {
                let (waits, scenario) = if let Some(left) = drawn.take() {
                    left
                } else {
                    let drawn = tree(budget, next)?.current();
                    (drawn.waits(), drawn.scenario())
                };
                let full =
                    quick + waiting >= bound || if waits { waiting >= waiting_most } else { quick >= quick_most };
                if full {
                    drawn = Some((waits, scenario));
                    break;
                }
                *if waits { &mut waiting } else { &mut quick } += 1;
                let (run, number) = (self.clone(), next);
                let play = playing.spawn(async move { (number, waits, run.judged(&scenario).await) });
                later.insert(number, play);
                next += 1;
            }
            let Some(done) = playing.join_next().await else { return Ok(failed) };
            let (number, waits, judged) = match done {
                // This case was drawn after one that fails, so its result does not matter.
                Err(ended) if ended.is_cancelled() => continue,
                done => done?,
            };
            let judged = judged?;
            later.remove(&number);
            *if waits { &mut waiting } else { &mut quick } -= 1;
            checked.played += 1;
            checked.waiting += u32::from(waits);
            checked.exercised += u32::from(judged.exercised);
            watch(Event::Played(checked.played));
            if !judged.broken.is_empty() && failed.as_ref().is_none_or(|(earlier, _)| number < *earlier) {
                failed = Some((number, judged));
                later.split_off(&number).values().for_each(AbortHandle::abort);
            } else if !judged.exercised && checked.unjudged.is_none() {
                checked.unjudged = Some(Box::new(judged.case));
            }
        }
    }

    /// Removes from a case what the failure does not need: people, documents, then faults, then names, then the rest.
    async fn shrink(
        &self,
        number: u32,
        mut judged: JudgedCase,
        budget: Budget,
        watch: &mut impl FnMut(Event),
    ) -> Result<Counterexample, HarnessError> {
        let (mut least, mut shrinks) = (tree(budget, number)?.current(), 0);
        // Another failure of the same client would be another counterexample.
        let wanted: Vec<String> = judged.broken.iter().map(|(id, _)| id.clone()).collect();
        let mut candidates = least.shrink();
        let at_once = self.options.subject.at_once().await?.unwrap_or(usize::MAX).min(SHRINKING_AT_ONCE);
        while !candidates.is_empty() && shrinks < budget.shrinks {
            let rest = candidates.split_off(candidates.len().min(at_once));
            shrinks += u32::try_from(candidates.len()).unwrap_or(u32::MAX);
            let now = std::mem::replace(&mut candidates, rest);
            if let Some((smaller, again)) = self.first_that_fails(&wanted, now).await? {
                watch(Event::Shrunk(smaller.size()));
                (candidates, least, judged) = (smaller.shrink(), smaller, again);
            }
        }
        let mut scenario = least.scenario();
        // The file is about the broken obligations only; a good client may not reach the others.
        scenario.provokes.retain(|id| judged.broken.iter().any(|(broken, _)| broken == id));
        Ok(Counterexample { number, scenario, broken: judged.broken, case: judged.case, shrinks })
    }

    /// Plays some candidates at once, and returns the first that breaks one of these obligations.
    async fn first_that_fails(
        &self,
        wanted: &[String],
        all: Vec<Draw>,
    ) -> Result<Option<(Draw, JudgedCase)>, HarnessError> {
        let mut playing = JoinSet::new();
        for (place, drawn) in all.into_iter().enumerate() {
            let run = self.clone();
            playing.spawn(async move {
                let judged = run.judged(&drawn.scenario()).await;
                (place, drawn, judged)
            });
        }
        let mut failed: Option<(usize, Draw, JudgedCase)> = None;
        while let Some(done) = playing.join_next().await {
            let (place, drawn, judged) = done?;
            let judged = judged?;
            let fails = judged.broken.iter().any(|(id, _)| wanted.contains(id));
            if fails && failed.as_ref().is_none_or(|(earlier, ..)| place < *earlier) {
                failed = Some((place, drawn, judged));
            }
        }
        Ok(failed.map(|(_, drawn, judged)| (drawn, judged)))
    }

    /// Plays a scenario, and judges what it provokes and what is judged everywhere. A case of which only doubtful verdicts
    /// come, since the machine is busy, is played again alone; what is still in doubt after that proves nothing.
    async fn judged(&self, scenario: &Scenario) -> Result<JudgedCase, HarnessError> {
        let mut judged = {
            let _beside_others = self.turns.read().await;
            self.judge(scenario, play(&self.fake, scenario, None, &self.options).await?)
        };
        for _ in 0..TIMES_AGAIN {
            if judged.broken.is_empty() || judged.broken.iter().any(|(id, _)| self.is_sure(id, &judged.case)) {
                break;
            }
            let _alone = self.turns.write().await;
            let lost = judged.case.strain().lost;
            judged = self.judge(scenario, play_alone(&self.fake, scenario, &self.options, lost).await?);
        }
        let JudgedCase { case, mut broken, exercised } = judged;
        broken.retain(|(id, _)| self.is_sure(id, &case));
        Ok(JudgedCase { case, broken, exercised })
    }

    /// Returns true if a broken obligation says something of the client, and not of a busy machine.
    fn is_sure(&self, id: &str, case: &Case) -> bool {
        self.catalogue.find(id).is_ok_and(|known| !is_unjudged(known, case, &judge_of))
    }

    fn judge(&self, scenario: &Scenario, case: Case) -> JudgedCase {
        let (mut broken, mut exercised) = (Vec::new(), false);
        let of_task = self.catalogue.obligations().iter().filter(|known| known.tasks.contains(&scenario.task));
        for known in of_task.filter(|known| known.grade <= self.fail_on) {
            let overruns = known.obligation().is_some_and(|facts| facts.time == Some(TimeFact::Overrun));
            match judge_of(&known.id).filter(|_| scenario.judges(known)).map(|judge| judge(&case)) {
                Some(Verdict::Fail(findings)) => broken.push((known.id.clone(), findings)),
                Some(Verdict::Pass(_)) if known.id == EXIT => exercised = true,
                _ if overruns => broken.extend(overrun(&case).map(|found| (known.id.clone(), vec![found]))),
                _ => {}
            }
        }
        JudgedCase { case, broken, exercised }
    }
}

/// How often a case is played again while the machine is too busy.
const TIMES_AGAIN: usize = 4;

/// The obligation that shows that the exit could be judged.
const EXIT: &str = "CPK-OUT-01";
