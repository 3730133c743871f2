//! Property mode alone, set on every variant of the reference client that breaks a MUST of the task `documents`, and on
//! every variant that breaks an obligation of the task `fleet`: it finds each of them, but for those whose row says why
//! nothing that is drawn shows it. Those it must not find, or the reason is none.
//!
//! `PROPERTY_KILL_ONLY=NAME,NAME` tries some variants only, and `PROPERTY_KILL=third` every third one.
//!
//! It is a binary alone: it uses every core, and adopts orphans, which is a state of the whole process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod variants;

use std::collections::BTreeSet;
use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crewpass_contract::client::run::{Fake, Options, until_stopped};
use crewpass_contract::client::task::Task;
use crewpass_contract::client::transport::{Exec, Patience, adopt_orphans};
use crewpass_contract::property::{Budget, Checked, Counterexample, check};
use crewpass_contract::report::Transcript;
use crewpass_contract::requirement::{Catalogue, Grade, Requirement};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use variants::{CLIENT, Variant};

/// Cases that a variant meets at most.
const CASES: u32 = 400;

/// Cases of which one may show a variant that can't be found, by its row.
const CASES_OF_NOT_DRAWN: u32 = 60;

/// Variants that are attempts at once, for each core: much of a case is waiting.
const FOR_EACH_CORE: usize = 3;

/// As a client is told in property mode.
const DEADLINE: Duration = Duration::from_secs(8);

/// Shorter than for others, since the variants heed what they are told.
const PATIENCE: Patience = Patience { quiet: DEADLINE, most: Duration::from_secs(30) };

/// The result of property mode on one variant.
struct Attempt {
    variant: Variant,
    task: Task,
    checked: Checked,
}

#[test]
fn every_variant_is_found_or_its_row_says_why_not() {
    adopt_orphans().unwrap();
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let only = env::var("PROPERTY_KILL_ONLY").ok();
    let is_named =
        |variant: &Variant| only.as_ref().is_none_or(|only| only.split(',').any(|name| name == variant.name));
    let step = if env::var("PROPERTY_KILL").is_ok_and(|part| part == "third") { 3 } else { 1 };
    let named = Variant::all().into_iter().filter(is_named);
    let wanted = named.filter_map(|variant| Some((task_of(&variant, &catalogue)?, variant)));
    let variants: Vec<(Task, Variant)> = wanted.step_by(step).collect();
    assert!(!variants.is_empty());
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let attempts = runtime.block_on(until_stopped(async { Ok(attempt_all(variants, &catalogue).await) })).unwrap();
    for one in &attempts {
        println!("{}", one.report());
    }
    println!("{} variants in {:.1} s", attempts.len(), began.elapsed().as_secs_f64());
    let problems: Vec<String> = attempts.iter().filter_map(Attempt::problem).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Returns the task in whose cases a variant has to be found.
fn task_of(variant: &Variant, catalogue: &Catalogue) -> Option<Task> {
    let known: Vec<&Requirement> = variant.caught_by.iter().map(|id| catalogue.find(id).unwrap()).collect();
    let is_of_documents = known.iter().any(|known| known.tasks.contains(&Task::Documents));
    let is_drawn = !is_of_documents || known.iter().any(|known| known.grade == Grade::MUST);
    is_drawn.then_some(if is_of_documents { Task::Documents } else { Task::Fleet })
}

#[test]
fn the_page_about_property_mode_is_true() {
    let page = include_str!("../../../docs/property.md");
    let catalogue = Catalogue::built_in().unwrap();
    let all: Vec<(Task, Variant)> =
        Variant::all().into_iter().filter_map(|variant| Some((task_of(&variant, &catalogue)?, variant))).collect();
    let missed: BTreeSet<&str> =
        all.iter().filter(|(_, one)| one.not_drawn.is_some()).map(|(_, one)| one.name.as_str()).collect();
    let rows = page.split("## Which bugs it finds").nth(1).unwrap().lines().filter(|line| line.starts_with("| `"));
    let names = |row: &'static str| row.split(" | ").next().unwrap().split('`').skip(1).step_by(2);
    assert_eq!(rows.flat_map(names).collect::<BTreeSet<_>>(), missed);
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for (task, text) in [
        (Task::Documents, "{all} of them break a MUST of the task `documents`. Property mode finds {found} of these"),
        (Task::Fleet, "the {all} variants that break an obligation of the task `fleet` alone, it finds {found}."),
    ] {
        let of_task = || all.iter().filter(|(known, _)| *known == task);
        let found = of_task().filter(|(_, one)| one.not_drawn.is_none()).count();
        let text = text.replace("{all}", &of_task().count().to_string()).replace("{found}", &found.to_string());
        assert!(flat.contains(&text), "{text}");
    }
}

/// Sets property mode on each variant, some at once.
async fn attempt_all(variants: Vec<(Task, Variant)>, catalogue: &Arc<Catalogue>) -> Vec<Attempt> {
    let fake = Arc::new(Fake::start().await.unwrap());
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let room = Arc::new(Semaphore::new(cores * FOR_EACH_CORE));
    let mut tasks = JoinSet::new();
    for (place, (task, variant)) in variants.into_iter().enumerate() {
        let (fake, catalogue, room) = (Arc::clone(&fake), Arc::clone(catalogue), Arc::clone(&room));
        tasks.spawn(async move {
            let _room = room.acquire_owned().await.unwrap();
            let argv = [CLIENT, "--bug", &variant.name].map(ToOwned::to_owned).to_vec();
            let options = Options::new(Exec { argv, ..Exec::default() });
            let options = Arc::new(Options { exit_classes: true, deadline: DEADLINE, patience: PATIENCE, ..options });
            let cases = if variant.not_drawn.is_some() { CASES_OF_NOT_DRAWN } else { CASES };
            // Half of the obligations of a fleet are a SHOULD, and each of them can be drawn.
            let fail_on = if task == Task::Fleet { Grade::SHOULD } else { Grade::MUST };
            let budget = Budget { cases, seed: variant.seed(), time: None, shrinks: 0, fail_on, task };
            let checked = check(&fake, &options, &catalogue, budget, |_| {}).await.unwrap();
            (place, Attempt { variant, task, checked })
        });
    }
    let mut all = tasks.join_all().await;
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, attempts)| attempts).collect()
}

impl Attempt {
    /// A line for whoever looks on.
    fn report(&self) -> String {
        let (name, took) = (format!("{} ({})", self.variant.name, self.task), self.checked.took.as_secs_f64());
        let Some(found) = &self.checked.counterexample else {
            let why = self.variant.not_drawn.as_deref().unwrap_or("NOT FOUND");
            return format!("{name:40} {:4} cases {took:5.1} s  {why}", self.checked.played);
        };
        let broken: Vec<&str> = found.broken.iter().map(|(id, _)| id.as_str()).collect();
        format!("{name:40} case {:4} {took:6.1} s  {}", found.number, broken.join(" "))
    }

    /// What is wrong with it, if anything.
    fn problem(&self) -> Option<String> {
        let Variant { name, not_drawn, .. } = &self.variant;
        match (&self.checked.counterexample, not_drawn) {
            (None, Some(_)) => None,
            (None, None) => Some(format!("{name}: not found in {} cases", self.checked.played)),
            (Some(found), Some(why)) => {
                let number = found.number;
                Some(format!("{name}: found in case {number}, although its row says that {why}\n{}", evidence(found)))
            }
            (Some(found), None) => {
                let named = found.broken.iter().any(|(id, _)| self.variant.allows(id));
                (!named).then(|| format!("{name}: found by what its row does not name\n{}", evidence(found)))
            }
        }
    }
}

/// What was seen of a client that did not fail as it should, for whoever has to find out why.
fn evidence(found: &Counterexample) -> String {
    let broken = found.broken.iter().flat_map(|(id, findings)| findings.iter().map(move |one| (id, one)));
    let mut report: Vec<String> = broken
        .map(|(id, finding)| format!("{id} expected {}, observed {}", finding.expected, finding.observed))
        .collect();
    report.extend(found.case.runs.iter().map(|run| {
        let process = &run.process;
        let (out, err) = (String::from_utf8_lossy(&process.stdout), String::from_utf8_lossy(&process.stderr));
        format!("{:?} after {:.1} s\n{out}{err}", process.end, process.took.as_secs_f64())
    }));
    report.push(Transcript::of_case(&found.case).to_string());
    report.join("\n")
}
