//! Real receivers over real sockets: each bug is caught by the obligations that its row names, and by no other.
//!
//! A bug meets the scenarios of its own obligations; with `RECEIVER_MATRIX=full` all of them.

use std::collections::BTreeSet;

use crewpass_contract::receiver::Scenario;
use crewpass_contract::receiver::scenarios_of;
use tokio::task::JoinSet;

use crate::receiver::harness::{broken, not_kept, obligations, play, results};

/// The bugs that are judged at once: most of each is waiting.
const AT_ONCE: usize = 5;

/// Each bug of `tests/receivers/broken.py`, with the obligations that it breaks.
const BUGS: [(&str, &[&str]); 27] = [
    ("first-500", &["CPK-HOOK-01"]),
    ("prefix", &["CPK-HOOK-02"]),
    ("answers-500", &["CPK-HOOK-03"]),
    ("cached-signature", &["CPK-HOOK-04"]),
    ("reparsed", &["CPK-HOOK-05"]),
    ("racy", &["CPK-HOOK-06"]),
    ("search", &["CPK-HOOK-07"]),
    ("small", &["CPK-HOOK-08"]),
    ("no-window", &["CPK-HOOK-09"]),
    ("strict-type", &["CPK-HOOK-10"]),
    ("gives-up", &["CPK-HOOK-11"]),
    ("tries-twice", &["CPK-HOOK-11"]),
    ("once-a-person", &["CPK-HOOK-01"]),
    ("newest-only", &["CPK-HOOK-12"]),
    ("trusts-event", &["CPK-HOOK-12"]),
    ("crashes", &["CPK-HOOK-13"]),
    ("needs-data", &["CPK-HOOK-13"]),
    ("full-404", &["CPK-HOOK-14"]),
    ("prints-secret", &["CPK-HOOK-15"]),
    ("header-type", &["CPK-HOOK-16"]),
    ("header-id", &["CPK-HOOK-16"]),
    ("empty-secret", &["CPK-HOOK-17"]),
    ("exact-names", &["CPK-HOOK-18"]),
    ("in-memory", &["CPK-HOOK-19"]),
    ("big-400", &["CPK-HOOK-20"]),
    ("version-crash", &["CPK-HOOK-21"]),
    ("needs-length", &["CPK-HOOK-22"]),
];

/// Returns the scenarios that a bug meets.
fn scenarios_for(caught_by: &[&str]) -> Vec<Scenario> {
    if std::env::var("RECEIVER_MATRIX").is_ok_and(|value| value == "full") {
        return Scenario::ALL.to_vec();
    }
    let named =
        obligations().into_iter().filter(|known| caught_by.contains(&known.id.as_str()) && !known.is_everywhere());
    let mut scenarios = scenarios_of(&named.collect::<Vec<_>>());
    scenarios.sort();
    scenarios.dedup();
    // What is judged in every scenario is judged in this one.
    if scenarios.is_empty() { vec![Scenario::Valid] } else { scenarios }
}

/// Returns what is wrong with the verdict on a bug.
async fn problem(bug: &str, caught_by: &[&str]) -> Option<String> {
    let scenarios = scenarios_for(caught_by);
    let results = results(&play(broken(bug), &scenarios).await, &scenarios);
    let wanted: BTreeSet<String> = caught_by.iter().map(|&id| id.to_owned()).collect();
    let found = not_kept(&results);
    let wrong: Vec<_> = results.iter().filter(|result| found.contains(&result.id)).collect();
    (found != wanted).then(|| format!("{bug} is caught by {wrong:#?}, not by {wanted:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bug_is_caught_by_what_its_row_names() {
    let (mut playing, mut problems) = (JoinSet::new(), Vec::new());
    for (bug, caught_by) in BUGS {
        if playing.len() == AT_ONCE {
            problems.extend(playing.join_next().await.unwrap().unwrap());
        }
        playing.spawn(problem(bug, caught_by));
    }
    problems.extend(playing.join_all().await.into_iter().flatten());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn each_obligation_has_a_bug_that_it_alone_catches() {
    let alone: BTreeSet<&str> = BUGS.iter().filter(|(_, by)| by.len() == 1).map(|(_, by)| by[0]).collect();
    let missing: Vec<_> = obligations().into_iter().filter(|known| !alone.contains(known.id.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
