//! A run in shards, merged, is the run as a whole; a shard that is missing is seen.

use std::path::Path;

use crewpass_contract::client::judge::Judge;
use crewpass_contract::client::plan::{Plan, Selection};
use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::outcome::{KnownFailures, Outcome, judged};
use crewpass_contract::report::{BadReport, Format, JsonReport, Run, merge};
use crewpass_contract::requirement::{Catalogue, Grade};
use jiff::civil::date;

use crate::gate::outcomes::play;
use crate::gate::recorded::{always_fail, always_pass};

fn plan(shard: Option<&str>) -> Plan {
    let catalogue = Catalogue::built_in().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let scenarios = Scenarios::of_folder(&catalogue, &folder).unwrap();
    let shard = shard.map(|text| text.parse().unwrap());
    Plan::new(&catalogue, &scenarios, &Selection { shard, ..Selection::default() }).unwrap()
}

fn judge(id: &str) -> Judge {
    if id == "CPK-LINK-12" { always_fail } else { always_pass }
}

fn run(plan: &Plan, seed: u64) -> Run {
    let catalogue = Catalogue::built_in().unwrap();
    let played = play(plan, None);
    Run::new(&judged(plan, &played, &catalogue, |id| Some(judge(id))), &played, &catalogue, seed, Grade::MUST)
}

fn shard(text: &str, seed: u64) -> JsonReport {
    let run = Run { shard: Some(text.parse().unwrap()), ..run(&plan(Some(text)), seed) };
    JsonReport::from(&run)
}

fn merged(shards: &[JsonReport], known: &str) -> Result<Run, BadReport> {
    let catalogue = Catalogue::built_in().unwrap();
    let known = KnownFailures::parse(known, "k.toml", &catalogue).unwrap();
    merge(shards, &plan(None), &catalogue, (&known, date(2027, 1, 1)), Grade::MUST)
}

#[test]
fn merged_shards_are_the_whole_run() {
    let whole = run(&plan(None), 7);
    let merged = merged(&[shard("2/2", 7), shard("1/2", 7)], "").unwrap();
    assert_eq!(merged.exit, whole.exit);
    let in_order = |run: &Run| {
        let mut entries: Vec<_> =
            run.entries.iter().map(|entry| (entry.id.clone(), entry.scenario.clone(), entry.outcome)).collect();
        entries.sort();
        entries
    };
    assert_eq!(in_order(&merged), in_order(&whole));
    assert_eq!(merged.merged, whole.merged);
}

#[test]
fn what_no_shard_reported_is_not_exercised() {
    // A report of an earlier version does not say which part it is.
    let run = merged(&[JsonReport { shard: None, ..shard("1/2", 7) }], "").unwrap();
    let missing: Vec<_> =
        run.entries.iter().filter(|entry| entry.note.as_deref() == Some("no shard reported it")).collect();
    assert!(!missing.is_empty());
    assert!(missing.iter().all(|entry| entry.outcome == Outcome::NotExercised));
    let away = |case: &str| missing.iter().any(|entry| entry.scenario == case);
    assert!(away("plain/run-twice[document_order=shuffled]") && !away("plain/run-twice[document_order=newest]"));
}

#[test]
fn a_known_failure_that_passes_in_every_shard_is_stale() {
    let list = "[[failure]]\nid = 'CPK-OUT-02'\nreason = 'r'\n";
    let run = merged(&[shard("1/2", 7), shard("2/2", 7)], list).unwrap();
    assert!(run.merged.contains(&("CPK-OUT-02".to_owned(), Grade::SHOULD, Outcome::Stale)));
    assert!(Format::Human.render(&run, 80).unwrap().contains("passes, but is listed as a known failure: r"));
}

#[test]
fn a_known_failure_of_one_shard_is_not_stale_in_another() {
    let mut shards = [shard("1/2", 7), shard("2/2", 7)];
    let entry = shards[0].obligations.iter_mut().find(|entry| entry.id == "CPK-OUT-02").unwrap();
    entry.outcome = Outcome::KnownFailure;
    let run = merged(&shards, "[[failure]]\nid = 'CPK-OUT-02'\nreason = 'r'\n").unwrap();
    assert!(run.merged.contains(&("CPK-OUT-02".to_owned(), Grade::SHOULD, Outcome::KnownFailure)));
}

#[test]
fn reports_of_different_runs_are_not_merged() {
    assert!(matches!(merged(&[shard("1/2", 7), shard("2/2", 8)], ""), Err(BadReport::Seeds(7, 8))));
}

#[test]
fn a_shard_that_is_missing_given_twice_or_of_another_division_is_refused() {
    let whole = || JsonReport { shard: None, ..shard("1/2", 7) };
    for (shards, expected) in [
        (vec![shard("1/2", 7)], "shard 2/2 is missing"),
        (vec![shard("1/2", 7), shard("1/2", 7), shard("2/2", 7)], "shard 1/2 is given 2 times"),
        (vec![shard("1/2", 7), shard("1/3", 7)], "one is 1/2, another 1/3"),
        (vec![shard("1/2", 7), whole()], "one is 1/2, another is a whole run"),
        (vec![JsonReport { shard: Some("3/2".to_owned()), ..shard("1/2", 7) }], "`3/2` is not a part"),
    ] {
        let error = merged(&shards, "").unwrap_err().to_string();
        assert_eq!(error, format!("these reports are not all parts of one run: {expected}"));
    }
}
