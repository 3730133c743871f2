//! Broken senders: each is caught by exactly the clauses that are named for it, and each clause catches one alone.

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Grade;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::sender::bugs::{ALTERATIONS, BUGS};
use crate::sender::harness::{Outcomes, clauses, control, ids_with, options, outcomes, through};
use crate::server::harness::{expectation, fake};

/// The runs at once: most of each is waiting.
const AT_ONCE: usize = 8;

fn check(name: &str, caught_by: &[&str], outcomes: &Outcomes) -> Option<String> {
    let failed = ids_with(outcomes, Outcome::Fail);
    let found: Vec<_> = failed.iter().map(|id| (id, &outcomes[*id].1)).collect();
    (failed != caught_by).then(|| format!("{name}: expected {caught_by:?}, found {found:#?}"))
}

/// Runs all of these, some at once, and fails with what is wrong in any of them.
async fn check_all(runs: impl IntoIterator<Item = impl Future<Output = Option<String>> + Send + 'static>) {
    let (mut running, mut wrong) = (JoinSet::new(), Vec::new());
    for run in runs {
        if running.len() == AT_ONCE {
            wrong.extend(running.join_next().await.unwrap().unwrap());
        }
        running.spawn(run);
    }
    wrong.extend(running.join_all().await.into_iter().flatten());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_broken_sender_is_caught_by_exactly_its_clauses() {
    check_all(BUGS.iter().map(|bug| async move {
        let fake = fake().await;
        check(bug.name, bug.caught_by, &through(&fake, *bug).await.unwrap())
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_alteration_of_the_fake_is_caught_by_exactly_its_clauses() {
    check_all(ALTERATIONS.iter().map(|(alteration, caught_by)| async move {
        let fake = fake().await;
        let alteration: Value = serde_json::from_str(alteration).unwrap();
        control(&fake, "webhooks/alter", &json!({"alter": alteration, "times": 1_000})).await;
        // No time has to pass: the form of the first attempts shows it.
        let of_form = ["CPS-HOOK-02", "CPS-HOOK-08", "CPS-HOOK-20"].map(str::to_owned).to_vec();
        let options = crewpass_contract::sender::Options { only: of_form, ..options(&fake) };
        check(&alteration.to_string(), caught_by, &outcomes(&expectation(), &options).await)
    }))
    .await;
}

#[test]
fn each_clause_that_can_fail_catches_a_sender_alone() {
    let catches = |id: &str| BUGS.iter().any(|bug| bug.caught_by == [id]);
    for clause in clauses() {
        let id = clause.id.as_str();
        assert_eq!(catches(id), clause.grade != Grade::OBSERVED, "{id}");
    }
}
