//! The whole catalogue, played to a command: how long it took, and whose time that was.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crewpass_contract::client::case::Case;
use crewpass_contract::client::judge::judge_of;
use crewpass_contract::client::plan::{Plan, PlannedCase, Selection};
use crewpass_contract::client::play::{AtOnce, PlayCase, Unplayed, play_all};
use crewpass_contract::client::run::{Fake, Options, play as play_case};
use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::client::transport::{Exec, adopt_orphans};
use crewpass_contract::outcome::{Outcome, judged};
use crewpass_contract::requirement::Catalogue;

use crate::Result;
use crate::machine::{Processor, busy};

/// Where other programs use less than this part of the cores, the machine counts as idle.
const OTHERS: f64 = 0.10;

/// What a run took.
pub(crate) struct Took {
    wall: Duration,
    judging: Duration,
    processor: Processor,
    /// The part of the cores that other programs used meanwhile.
    others: f64,
    /// Of all cases together: from their beginning to their end, and the client's part of it.
    cases: Duration,
    client: Duration,
    count: usize,
    broken: usize,
    slowest: Vec<(String, Duration)>,
}

impl Took {
    /// The part of a case that is the gate's own: all but the client's process. A case and the client are stretched
    /// alike by a machine that is busy.
    pub(crate) fn own(&self) -> f64 {
        let whole = self.cases + self.judging;
        1.0 - self.client.as_secs_f64() / whole.as_secs_f64()
    }

    /// Returns true if the run took longer than `aim` on a machine that had nothing else to do. Beside others its time says
    /// nothing.
    pub(crate) fn is_too_long(&self, aim: Duration) -> bool {
        self.wall > aim && self.is_alone()
    }

    fn is_alone(&self) -> bool {
        self.others < OTHERS
    }
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wall, Processor { own, children }) = (self.wall.as_secs_f64(), self.processor);
        writeln!(f, "  {:<34}{wall:8.1} s, {} cases, {} broken", "wall", self.count, self.broken)?;
        writeln!(f, "  {:<34}{own:8.1} s gate with its fake, {children:.1} s clients", "processor")?;
        let counts = if self.is_alone() { "" } else { ", so the wall says nothing" };
        writeln!(f, "  {:<34}{:8.1} % of the cores{counts}", "other programs", self.others * 100.0)?;
        let judging = self.judging.as_secs_f64();
        writeln!(
            f,
            "  {:<34}{:8.1} %, {judging:.2} s of it in judging",
            "the gate's own part of a case",
            self.own() * 100.0
        )?;
        let slowest = self.slowest.iter().map(|(name, took)| format!("{name} {:.1} s", took.as_secs_f64()));
        writeln!(f, "  {:<34}{}", "slowest", slowest.collect::<Vec<_>>().join(", "))
    }
}

struct Timed {
    fake: Fake,
    options: Options,
    took: Mutex<Vec<(String, Duration, Duration)>>,
}

impl PlayCase for Timed {
    async fn play(&self, planned: PlannedCase) -> std::result::Result<Case, Unplayed> {
        let began = Instant::now();
        let case = play_case(&self.fake, &planned.scenario, None, &self.options).await;
        let case = case.map_err(|error| Unplayed::Broken(error.to_string()))?;
        let client = case.runs.iter().map(|run| run.process.took).sum();
        let mut took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
        took.push((planned.name(), began.elapsed(), client));
        Ok(Case { variant: planned.variant, ..case })
    }
}

/// Plays everything.
pub(crate) async fn play(argv: Vec<String>) -> Result<Took> {
    adopt_orphans()?;
    let catalogue = Catalogue::built_in()?;
    let scenarios = Scenarios::load(&catalogue, &[] as &[&str])?;
    let plan = Plan::new(&catalogue, &scenarios, &Selection::default())?;
    let options = Options::new(Exec { argv, ..Exec::default() });
    let options = Options { worlds: scenarios.world_texts(), ..options };
    let player = Arc::new(Timed { fake: Fake::start().await?, options, took: Mutex::default() });
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (began, before, busy_before) = (Instant::now(), Processor::now()?, busy()?);
    let all = play_all(&plan, Arc::clone(&player), AtOnce::for_cores(cores), |_| true).await;
    let judging = Instant::now();
    let results = judged(&plan, &all, &catalogue, judge_of);
    let judging = judging.elapsed();
    let mut took = std::mem::take(&mut *player.took.lock().unwrap_or_else(PoisonError::into_inner));
    took.sort_by_key(|(_, case, _)| std::cmp::Reverse(*case));
    let sum = |of: fn(&(String, Duration, Duration)) -> Duration| took.iter().map(of).sum();
    let (wall, processor) = (began.elapsed(), Processor::since(before)?);
    let capacity = wall.as_secs_f64() * f64::from(u32::try_from(cores)?);
    Ok(Took {
        wall,
        judging,
        processor,
        others: (busy()? - busy_before - processor.own - processor.children) / capacity,
        cases: sum(|(_, case, _)| *case),
        client: sum(|(_, _, client)| *client),
        count: plan.cases.len(),
        broken: results.iter().filter(|result| result.outcome == Outcome::Fail).count(),
        slowest: took.iter().take(3).map(|(name, case, _)| (name.clone(), *case)).collect(),
    })
}
