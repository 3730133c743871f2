//! Playing the matrix: one fake for all, every client and case beside one another, and what was seen kept in memory.

use std::collections::BTreeMap;
use std::env;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crewpass_contract::client::case::Case;
use crewpass_contract::client::judge::judge_of;
use crewpass_contract::client::plan::{Plan, PlannedCase, Selection};
use crewpass_contract::client::play::{Played, Unplayed};
use crewpass_contract::client::run::{Fake, HarnessError, Options, PlainHost, play_alone, until_stopped};
use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::client::task::Task;
use crewpass_contract::client::transport::{Exec, Patience, adopt_orphans};
use crewpass_contract::outcome::is_in_doubt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::catalogue;
use super::choice::Rest;
use super::demands::falls_short;
use super::took::Took;
use super::variant::{CLIENT, Variant};

/// Cases that are played at once, for each core: those in which a client waits most of the time, and all others beside
/// them.
const SLOW_FOR_EACH_CORE: usize = 8;
const QUICK_FOR_EACH_CORE: usize = 3;

/// The name that BASE has where plain HTTP must be refused. No resolver has to know it: the client is told.
const NAME: &str = "plain.test";
const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Shorter than for others, since the variants heed what they are told.
const PATIENCE: Patience = Patience { quiet: Duration::from_secs(4), most: Duration::from_secs(10) };

/// One client, and all that was played to it.
#[derive(Debug, Default)]
pub(crate) struct Column {
    /// The variant; none is the good client.
    pub(crate) variant: Option<Variant>,
    /// The obligations for which the variant stands in the task `fleet`.
    pub(crate) stands_for: Vec<String>,
    /// What was played, in the plan's order.
    pub(crate) played: Vec<Played>,
}

impl Column {
    /// Returns true for the cases that provoke what must catch the client.
    fn is_decided_by(&self, planned: &PlannedCase) -> bool {
        let provokes = |id: &String| planned.scenario.provokes.contains(id);
        self.variant.iter().flat_map(|variant| &variant.caught_by).any(provokes)
    }
}

/// Everything that was played.
#[derive(Debug)]
pub(crate) struct Matrix {
    pub(crate) reference: Column,
    pub(crate) variants: Vec<Column>,
    pub(crate) took: Took,
    /// How long the good client's part took, and that of the variants.
    pub(crate) whole: (Duration, Duration),
}

/// The stage that all clients share.
#[derive(Debug)]
struct Stage {
    fake: Fake,
    worlds: BTreeMap<String, String>,
    slow: Semaphore,
    quick: Semaphore,
    /// How many cases are played at once where the machine was too busy the first time.
    again: usize,
}

/// What is to be played to one client.
struct Wanted {
    column: Column,
    cases: Vec<PlannedCase>,
}

/// Plays all of it.
pub(crate) fn play() -> Result<Matrix, HarnessError> {
    adopt_orphans().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(until_stopped(async { Ok(everything().await) }))
}

async fn everything() -> Matrix {
    let catalogue = catalogue();
    let scenarios = Scenarios::load(catalogue, &[""; 0]).unwrap();
    let plan_of = |task| Plan::new(catalogue, &scenarios, &Selection { task, ..Selection::default() }).unwrap();
    let cases: Vec<PlannedCase> = Task::ALL.into_iter().flat_map(|task| plan_of(task).cases).collect();
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let stage = Arc::new(Stage {
        fake: Fake::start().await.unwrap(),
        worlds: scenarios.world_texts(),
        slow: Semaphore::new(cores * SLOW_FOR_EACH_CORE),
        quick: Semaphore::new(cores * QUICK_FOR_EACH_CORE),
        again: 4 * cores,
    });

    let began = Instant::now();
    let mut took = Took::default();
    let reference = Wanted { column: Column::default(), cases: cases.clone() };
    let reference = columns(&stage, vec![reference], &took).await.pop().unwrap();
    for one in &reference.played {
        one.case.iter().for_each(|case| took.note(&one.planned, case));
    }
    let reference_took = began.elapsed();

    let began = Instant::now();
    let rest = Rest::wanted();
    // Some variants only, while one looks into them.
    let only = env::var("KILL_MATRIX_ONLY").ok();
    let is_wanted =
        |variant: &Variant| only.as_ref().is_none_or(|only| only.split(',').any(|name| name == variant.name));
    let all = Variant::all();
    let standing = Variant::for_each_obligation(&all);
    let wanted = all.iter().filter(|variant| is_wanted(variant)).cloned().map(|variant| {
        let obligations = standing.iter().filter(|(_, name)| **name == variant.name);
        let stands_for: Vec<&str> = obligations.map(|(id, _)| *id).collect();
        let met = rest.cases_for(&variant, &stands_for, &cases, |case| took.is_costly(case)).into_iter();
        let cases = met.map(|case| took.with_deadline(case)).collect();
        let stands_for = stands_for.into_iter().map(str::to_owned).collect();
        Wanted { column: Column { variant: Some(variant), stands_for, played: Vec::new() }, cases }
    });
    let variants = columns(&stage, wanted.collect(), &took).await;
    Matrix { reference, variants, took, whole: (reference_took, began.elapsed()) }
}

/// Plays cases to clients, the slow ones first.
async fn columns(stage: &Arc<Stage>, wanted: Vec<Wanted>, took: &Took) -> Vec<Column> {
    let (mut columns, mut all) = (Vec::new(), Vec::new());
    for (column, Wanted { column: new, cases }) in wanted.into_iter().enumerate() {
        columns.push(new);
        all.extend(cases.into_iter().enumerate().map(|(place, case)| (column, place, case)));
    }
    all.sort_by_key(|(_, _, case)| std::cmp::Reverse(took.time_of(case)));
    let options: Vec<_> = columns.iter().map(|column| Arc::new(options(stage, column.variant.as_ref()))).collect();
    let mut playing = JoinSet::new();
    for (column, place, planned) in all {
        let (stage, options) = (Arc::clone(stage), Arc::clone(&options[column]));
        let is_slow = took.is_slow(&planned);
        playing.spawn(async move {
            let room = if is_slow { &stage.slow } else { &stage.quick };
            let _room = room.acquire().await.unwrap();
            (column, place, one(&stage, planned, &options).await)
        });
    }
    let mut done = playing.join_all().await;
    done.sort_by_key(|(column, place, _)| (*column, *place));
    for (column, _, one) in done {
        columns[column].played.push(one);
    }
    for at_once in [stage.again, 1] {
        play_again(stage, &options, &mut columns, at_once).await;
    }
    columns
}

/// Plays again what the machine was too busy for, now that nothing else is played: so many cases at once, until each
/// client shows what it must show, or all of them were.
async fn play_again(stage: &Arc<Stage>, options: &[Arc<Options>], columns: &mut [Column], at_once: usize) {
    let mut left: Vec<(usize, Vec<usize>)> = Vec::new();
    for (place, column) in columns.iter().enumerate().filter(|(_, column)| falls_short(column)) {
        let in_doubt = column.played.iter().enumerate().filter(|(_, one)| is_in_doubt(one, catalogue(), judge_of));
        let mut cases: Vec<usize> = in_doubt.map(|(case, _)| case).collect();
        cases.sort_by_key(|case| !column.is_decided_by(&column.played[*case].planned));
        left.push((place, cases));
    }
    while !left.is_empty() {
        let for_each = (at_once / left.len()).max(1);
        let next = left.iter_mut().flat_map(|(place, cases)| {
            let count = for_each.min(cases.len());
            cases.drain(..count).map(|case| (*place, case))
        });
        let room = Arc::new(Semaphore::new(at_once));
        let mut playing = JoinSet::new();
        for (place, case) in next {
            let (stage, options, room) = (Arc::clone(stage), Arc::clone(&options[place]), Arc::clone(&room));
            let mut one = columns[place].played[case].clone();
            playing.spawn(async move {
                let _room = room.acquire().await.unwrap();
                let lost = one.case.as_ref().unwrap().strain().lost;
                let again = play_alone(&stage.fake, &one.planned.scenario, &options, lost).await;
                one.case = named(again, &one.planned);
                (place, case, one)
            });
        }
        for (place, case, one) in playing.join_all().await {
            columns[place].played[case] = one;
        }
        left.retain(|(place, cases)| !cases.is_empty() && falls_short(&columns[*place]));
    }
}

fn options(stage: &Stage, variant: Option<&Variant>) -> Options {
    let mut argv = vec![CLIENT.to_owned()];
    argv.push(format!("--resolve={NAME}={ADDRESS}"));
    argv.extend(variant.iter().flat_map(|variant| ["--bug".to_owned(), variant.name.clone()]));
    Options {
        worlds: stage.worlds.clone(),
        exit_classes: true,
        patience: PATIENCE,
        plain_http_host: Some(PlainHost::at(NAME, &[ADDRESS.into()]).unwrap()),
        ..Options::new(Exec { argv, ..Exec::default() })
    }
}

async fn one(stage: &Stage, planned: PlannedCase, options: &Options) -> Played {
    let case = crewpass_contract::client::run::play(&stage.fake, &planned.scenario, None, options).await;
    Played { case: named(case, &planned), planned }
}

/// Names the policy value that was varied in a case.
fn named(case: Result<Case, HarnessError>, planned: &PlannedCase) -> Result<Case, Unplayed> {
    let case = case.map(|case| Case { variant: planned.variant.clone(), ..case });
    case.map_err(|error| Unplayed::Broken(error.to_string()))
}
