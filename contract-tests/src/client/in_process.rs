//! The gate for `cargo test`: a crate whose client is a Rust value judges it by one `#[test]` per obligation.
//!
//! ```no_run
//! use crewpass_contract::client::transport::{Blocking, Class, Job, Report};
//!
//! fn download(job: Job) -> Report {
//!     // The crate's own client, with what the job says.
//!     Report::new(Class::LocalError)
//! }
//!
//! crewpass_contract::contract_tests!(Blocking(download));
//! # fn main() {}
//! ```

use std::sync::Arc;
use std::time::Duration;

use crate::client::case::Case;
use crate::client::judge::judge_of;
use crate::client::plan::{Plan, PlannedCase, Selection};
use crate::client::play::{PlayCase, Played, Unplayed, play_all};
use crate::client::run::{Fake, Options, play, play_alone};
use crate::client::scenario::Scenarios;
use crate::client::task::Task;
use crate::client::transport::{Client, InProcess};
use crate::outcome::{ObligationResult, Outcome, is_in_doubt, judged};
use crate::property::{Budget, check};
use crate::requirement::{Catalogue, Grade};

/// The number of cases of one obligation that are played at once.
const AT_ONCE: usize = 4;

/// Judges a client by one obligation. The error says what is broken, or why it could not be judged.
pub fn obligation(client: impl Client, id: &str) -> Result<(), String> {
    let catalogue = Catalogue::built_in().map_err(error_text)?;
    let id = catalogue.find(id).map_err(error_text)?.id.clone();
    let scenarios = Scenarios::load(&catalogue, &[] as &[&str]).map_err(error_text)?;
    let selection = Selection { only: vec![id.clone()], ..Selection::default() };
    let mut plan = Plan::new(&catalogue, &scenarios, &selection).map_err(error_text)?;
    // Drawn scenarios also judge such an obligation; here, the scenarios that provoke it are
    // enough.
    plan.cases.retain(|case| {
        let provoked = case.scenario.provokes.contains(&id);
        case.control || provoked || case.scenario.id.starts_with("plain/")
    });
    let played = runtime()?.block_on(async {
        let player = InProcessPlayer::open(client, &scenarios, &catalogue).await?;
        Ok::<_, String>(play_all(&plan, Arc::new(player), AT_ONCE, |_| true).await)
    })?;
    let results = judged(&plan, &played, &catalogue, judge_of);
    let bad: Vec<String> = results.iter().filter(|one| one.id == id).filter_map(problem).collect();
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n")) }
}

/// Plays drawn scenarios to a client. The error has the smallest one that the client fails, as a
/// scenario file.
pub fn property(client: impl Client, cases: u32) -> Result<(), String> {
    let catalogue = Arc::new(Catalogue::built_in().map_err(error_text)?);
    let budget = Budget { cases, seed: 1, time: None, shrinks: 100, fail_on: Grade::MUST, task: Task::Documents };
    let checked = runtime()?.block_on(async {
        let player = InProcessPlayer::open(client, &Scenarios::default(), &catalogue).await?;
        let options = Arc::new(Options { deadline: Duration::from_secs(8), ..player.options });
        check(&Arc::new(player.fake), &options, &catalogue, budget, |_| ()).await.map_err(error_text)
    })?;
    match checked.counterexample {
        Some(found) => {
            let broken: Vec<String> = found
                .broken
                .iter()
                .flat_map(|(id, all)| {
                    all.iter().map(move |one| format!("{id}: expected {}, observed {}", one.expected, one.observed))
                })
                .collect();
            let file = crate::client::scenario::written(&found.scenario, &broken.join("\n"))?;
            Err(format!("case {} of seed 1 fails; the smallest scenario that still fails:\n{file}", found.number))
        }
        None if checked.exercised == 0 => Err("no case showed whether the outcome is right".to_owned()),
        None => Ok(()),
    }
}

/// Fails a test by a panic if an obligation up to the grade `fail_on` is broken, and else prints
/// what is broken. Called by [`crate::contract_tests`].
#[doc(hidden)]
#[expect(clippy::print_stderr, reason = "problems below the grade that fails the test are still shown")]
pub fn keeps(client: impl Client, id: &str, fail_on: Grade) {
    let Err(problem) = obligation(client, id) else { return };
    let grade = Catalogue::built_in().ok().and_then(|all| all.find(id).ok().map(|id| id.grade));
    assert!(grade.is_some_and(|grade| grade > fail_on), "{problem}");
    eprintln!("{problem}");
}

/// Fails a test by a panic if the client fails a drawn scenario.
#[doc(hidden)]
#[expect(clippy::panic, reason = "a test fails by a panic")]
pub fn keeps_all(client: impl Client, cases: u32) {
    if let Err(problem) = property(client, cases) {
        panic!("{problem}");
    }
}

struct InProcessPlayer {
    fake: Fake,
    options: Options,
    catalogue: Catalogue,
}

impl InProcessPlayer {
    async fn open(client: impl Client, scenarios: &Scenarios, catalogue: &Catalogue) -> Result<Self, String> {
        let options = Options::new(InProcess::new(client));
        let options = Options { exit_classes: true, worlds: scenarios.world_texts(), ..options };
        Ok(Self { fake: Fake::start().await.map_err(error_text)?, options, catalogue: catalogue.clone() })
    }
}

impl PlayCase for InProcessPlayer {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        let played = play(&self.fake, &planned.scenario, None, &self.options).await;
        let case = played.map_err(|error| Unplayed::Broken(error.to_string()))?;
        Ok(Case { variant: planned.variant, ..case })
    }

    async fn play_alone(&self, planned: PlannedCase, lost: Duration) -> Result<Case, Unplayed> {
        let played = play_alone(&self.fake, &planned.scenario, &self.options, lost).await;
        let case = played.map_err(|error| Unplayed::Broken(error.to_string()))?;
        Ok(Case { variant: planned.variant, ..case })
    }

    fn is_in_doubt(&self, one: &Played) -> bool {
        is_in_doubt(one, &self.catalogue, judge_of)
    }
}

/// Describes what is wrong with a result, if anything.
fn problem(one: &ObligationResult) -> Option<String> {
    let name = format!("{} in {}", one.id, one.scenario);
    match one.outcome {
        Outcome::Pass => None,
        Outcome::Fail => {
            let found =
                |f: &crate::client::judge::Finding| format!("{name}: expected {}, observed {}", f.expected, f.observed);
            Some(one.findings.iter().map(found).collect::<Vec<_>>().join("\n"))
        }
        other => Some(format!("{name}: {}: {}", other.name(), one.note.as_deref().unwrap_or_default())),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(error_text)
}

fn error_text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
