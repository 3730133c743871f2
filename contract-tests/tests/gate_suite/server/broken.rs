//! Broken servers: each is caught by exactly the clauses that are named for it, and each clause catches one.

use std::collections::BTreeMap;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Grade;
use crewpass_contract::server::{Options, clauses};
use tokio::task::JoinSet;

use crate::server::bugs::{BURSTS, FULL, bug, bugs};
use crate::server::harness::{Outcomes, all_but_limits, expectation, fake, ids_with, limited_fake, options, outcomes};
use crate::server::proxy::{Bug, serve};

/// Servers that are judged at once.
const AT_ONCE: usize = 4;

/// Clauses that can't be broken alone, and why.
const NEVER_ALONE: &[(&str, &str)] = &[
    ("CPS-FLEET-01", "another answer off the fleet differs from that for an unknown id, or is as wrong as that"),
    ("CPS-FLEET-03", "another answer for an unknown id differs from that off the fleet, or is as wrong as that"),
];

fn check(bug: &Bug, outcomes: &Outcomes) -> Option<String> {
    let failed = ids_with(outcomes, Outcome::Fail);
    let found: Vec<_> = failed.iter().map(|id| (id, &outcomes[*id].1)).collect();
    (failed != bug.caught_by).then(|| format!("{}: expected {:?}, found {found:#?}", bug.name, bug.caught_by))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_broken_server_is_caught_by_exactly_its_clauses() {
    let (mut judging, mut wrong) = (JoinSet::new(), Vec::new());
    for bug in bugs() {
        if judging.len() == AT_ONCE {
            wrong.extend(judging.join_next().await.unwrap().unwrap());
        }
        judging.spawn(async {
            let fake = fake().await;
            let base = serve(&fake.base(), *bug).await;
            check(bug, &outcomes(&base, &(bug.expectation)(), &options(&fake), &all_but_limits()).await)
        });
    }
    wrong.extend(judging.join_all().await.into_iter().flatten());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_server_that_a_burst_shows_is_caught_by_exactly_its_clauses() {
    let expectation = format!(
        "keys: {{full: {{key: {FULL}}}, limited: {{key: {FULL}}}}}\ncrew: {{crew_001: {{fleet: true, documents: [{{document_id: doc_1}}]}}}}\n"
    );
    for bug in BURSTS {
        let fake = limited_fake("on").await;
        let only = vec!["CPS-RATE-01".to_owned()];
        let control = Some(fake.base());
        let options = Options { rate: 10_000, limits: true, only, control, ..Options::default() };
        let base = serve(&fake.base(), *bug).await;
        let wrong = check(bug, &outcomes(&base, &expectation, &options, &clauses().unwrap()).await);
        assert_eq!(wrong, None);
    }
}

#[test]
fn each_clause_that_can_fail_catches_a_server_alone_or_says_why_not() {
    let reasons: BTreeMap<_, _> = NEVER_ALONE.iter().copied().collect();
    let catches = |id: &str, alone: bool| {
        bugs().chain(BURSTS).any(|bug| bug.caught_by.contains(&id) && (!alone || bug.caught_by.len() == 1))
    };
    for clause in clauses().unwrap() {
        let id = clause.id.as_str();
        if clause.grade == Grade::OBSERVED {
            assert!(!catches(id, false), "{id} is only observed");
            continue;
        }
        assert!(catches(id, false), "no broken server is caught by {id}");
        assert_eq!(catches(id, true), !reasons.contains_key(id), "{id} is either caught alone or never");
    }
    assert!(reasons.iter().all(|(id, why)| catches(id, false) && !why.is_empty()));
}

#[tokio::test]
async fn a_server_in_front_of_the_fake_that_changes_nothing_passes() {
    let fake = fake().await;
    let base = serve(&fake.base(), bug("none", |_, _| {}, &[])).await;
    let outcomes = outcomes(&base, &expectation(), &options(&fake), &all_but_limits()).await;
    assert_eq!(ids_with(&outcomes, Outcome::Pass).len(), all_but_limits().len(), "{outcomes:#?}");
}
