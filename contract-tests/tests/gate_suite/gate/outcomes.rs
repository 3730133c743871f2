//! From recorded cases to outcomes: twins, manifests and known failures.

use std::path::Path;
use std::sync::Arc;

use crewpass_contract::client::judge::Judge;
use crewpass_contract::client::plan::{Plan, PlannedCase, Selection};
use crewpass_contract::client::play::{Event, Played, Unplayed, play_all};
use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::manifest::Unsupported;
use crewpass_contract::outcome::{KnownFailures, ObligationResult, Outcome, Rules, exit_of, judged, merged};
use crewpass_contract::requirement::{Catalogue, Grade};
use jiff::civil::date;

use crate::gate::recorded::{Recorded, always_fail, always_pass, by_exit, not_exercised, not_observable};

pub(crate) fn plan(catalogue: &Catalogue, only: &[&str]) -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let scenarios = Scenarios::of_folder(catalogue, &folder).unwrap();
    let only = only.iter().map(|&name| name.to_owned()).collect();
    Plan::new(catalogue, &scenarios, &Selection { only, ..Selection::default() }).unwrap()
}

pub(crate) fn play(plan: &Plan, always: Option<i32>) -> Vec<Played> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(play_all(plan, Arc::new(Recorded { always }), 2, |_| true))
}

fn results(only: &[&str], always: Option<i32>, judge_of: impl Fn(&str) -> Option<Judge>) -> Vec<ObligationResult> {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, only);
    judged(&plan, &play(&plan, always), &catalogue, judge_of)
}

fn outcomes(results: &[ObligationResult]) -> Vec<(&str, &str, Outcome)> {
    results.iter().map(|result| (result.id.as_str(), result.scenario.as_str(), result.outcome)).collect()
}

#[test]
fn a_refusal_counts_only_beside_a_twin_that_passed() {
    let right = results(&["CPK-ERR-03"], None, |_| Some(by_exit));
    assert_eq!(outcomes(&right), [("CPK-ERR-03", "plain/unknown-crew", Outcome::Pass)]);
    let refuses_everything = results(&["CPK-ERR-03"], Some(1), |_| Some(by_exit));
    assert_eq!(outcomes(&refuses_everything), [("CPK-ERR-03", "plain/unknown-crew", Outcome::NotExercised)]);
    let note = refuses_everything[0].note.as_deref().unwrap();
    assert_eq!(
        note,
        "not counted: the client already fails plain/three-documents, the same case without the difficulty; mend that first"
    );
    assert_eq!(exit_of(&merged(&refuses_everything), Grade::MUST).code(), 3);
}

#[test]
fn a_twin_that_was_not_played_is_not_said_to_fail() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-ERR-03"]);
    for spared in [Unplayed::Stopped, Unplayed::LeftOut] {
        let mut played = play(&plan, None);
        played[1].case = Err(spared);
        let found = judged(&plan, &played, &catalogue, |_| Some(by_exit));
        assert_eq!(outcomes(&found), [("CPK-ERR-03", "plain/unknown-crew", Outcome::NotExercised)]);
        let note = "not counted: plain/three-documents, the same case without the difficulty, was not played";
        assert_eq!((found[0].note.as_deref(), &found[0].broken_twin), (Some(note), &None));
    }
}

#[test]
fn a_failure_stays_one_without_its_twin() {
    let wrong = results(&["CPK-ERR-03"], Some(0), |id| Some(if id == "CPK-OUT-01" { always_fail } else { by_exit }));
    assert_eq!(outcomes(&wrong), [("CPK-ERR-03", "plain/unknown-crew", Outcome::Fail)]);
}

#[test]
fn what_is_judged_everywhere_stands_for_itself() {
    let found = results(&["CPK-AUTH-07"], None, |id| Some(if id == "CPK-OUT-01" { always_fail } else { always_pass }));
    assert!(found.len() > 2 && found.iter().all(|result| result.outcome == Outcome::Pass), "{found:?}");
}

#[test]
fn a_judge_that_is_missing_is_a_gate_that_broke() {
    let found = results(&["CPK-FILE-03"], None, |_| None);
    assert_eq!(outcomes(&found), [("CPK-FILE-03", "plain/three-documents", Outcome::HarnessError)]);
    assert_eq!(exit_of(&merged(&found), Grade::MUST).code(), 4);
}

#[test]
fn what_no_scenario_provokes_is_not_exercised() {
    let catalogue = Catalogue::built_in().unwrap();
    let mut plan = plan(&catalogue, &["CPK-FILE-03"]);
    plan.unprovoked.push("CPK-FILE-10".to_owned());
    let found = judged(&plan, &play(&plan, None), &catalogue, |_| Some(always_pass));
    assert_eq!(outcomes(&found)[1], ("CPK-FILE-10", "", Outcome::NotExercised));
}

#[test]
fn a_run_that_is_stopped_leaves_the_rest_out() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-OUT-04"]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let played = runtime
        .block_on(play_all(&plan, Arc::new(Recorded { always: None }), 1, |event| matches!(event, Event::Began(_))));
    let found = judged(&plan, &played, &catalogue, |_| Some(always_pass));
    let came_to: Vec<_> = found.iter().map(|result| result.outcome).collect();
    assert_eq!(came_to[0], Outcome::Pass);
    assert_eq!(came_to[1..], [Outcome::NotExercised; 3]);
    assert_eq!(found[3].note.as_deref(), Some("skipped, since an earlier case failed"));
    let names = |one: &Played| one.planned.name();
    assert!(played.iter().map(names).eq(plan.cases.iter().map(PlannedCase::name)));
}

fn apply(
    found: Vec<ObligationResult>,
    known: &str,
    unsupported: &[Unsupported],
    partial: bool,
) -> Vec<ObligationResult> {
    let catalogue = Catalogue::built_in().unwrap();
    let known = KnownFailures::parse(known, "k.toml", &catalogue).unwrap();
    Rules { unsupported, known: &known, today: date(2027, 1, 31), partial }.apply(found)
}

#[test]
fn only_what_can_not_be_seen_is_excused_as_unsupported() {
    let declared = [Unsupported { id: "CPK-FILE-03".to_owned(), reason: "no disk".to_owned() }];
    for (judge, expected) in [
        (not_exercised as Judge, Outcome::Unsupported),
        (not_observable, Outcome::Unsupported),
        (always_fail, Outcome::Fail),
        (always_pass, Outcome::Pass),
    ] {
        let found = apply(results(&["CPK-FILE-03"], None, |_| Some(judge)), "", &declared, false);
        assert_eq!(found[0].outcome, expected);
        let excused = expected == Outcome::Unsupported;
        assert_eq!(found[0].note.as_deref() == Some("no disk"), excused);
    }
}

/// What the failing or passing FILE-03 comes to with this list.
fn with_known(judge: Judge, entry: &str) -> (Outcome, String) {
    let list = format!("[[failure]]\nid = 'CPK-FILE-03'\nreason = 'old parser'\n{entry}");
    let found = apply(results(&["CPK-FILE-03"], None, |_| Some(judge)), &list, &[], false);
    (found[0].outcome, found[0].note.clone().unwrap_or_default())
}

#[test]
fn a_known_failure_is_excused_until_it_passes_fails_otherwise_or_expires() {
    let known = |note: &str| (Outcome::KnownFailure, note.to_owned());
    let stale = |note: &str| (Outcome::Stale, note.to_owned());
    assert_eq!(with_known(always_fail, ""), known("old parser"));
    assert_eq!(with_known(always_fail, "issue = 'GH-7'\n"), known("old parser (GH-7)"));
    assert_eq!(with_known(always_fail, "message = 'PST_certificate.pdf is that'\n"), known("old parser"));
    assert_eq!(with_known(always_fail, "expires = 2027-01-31\n"), known("old parser"));
    assert_eq!(with_known(always_fail, "expires = '2027-01-30'\n"), stale("expired as a known failure: old parser"));
    let other = with_known(always_fail, "message = 'another thing'\n");
    assert_eq!(other, stale("fails in another way than the known failure: old parser"));
    assert_eq!(with_known(always_pass, ""), stale("passes, but is listed as a known failure: old parser"));
    assert_eq!(with_known(not_exercised, "").0, Outcome::NotExercised);
    assert_eq!(with_known(always_fail, "scenario = 'plain/run-twice'\n").0, Outcome::Fail);
    assert_eq!(with_known(always_pass, "scenario = 'plain/run-twice'\n").0, Outcome::Pass);
}

#[test]
fn an_entry_without_a_case_is_kept_by_one_failing_case_and_by_a_partial_run() {
    let only_extra = |case: &crewpass_contract::client::case::Case| match case.variant.as_deref() {
        Some("unknown_fields=extra") => always_fail(case),
        _ => always_pass(case),
    };
    let list = "[[failure]]\nid = 'CPK-OUT-04'\nreason = 'r'\n";
    let found = apply(results(&["CPK-OUT-04"], None, |_| Some(only_extra)), list, &[], false);
    let came_to: Vec<_> = found.iter().map(|result| result.outcome).collect();
    assert_eq!(came_to, [Outcome::Pass, Outcome::Pass, Outcome::Pass, Outcome::KnownFailure]);
    for (partial, expected) in [(false, Outcome::Stale), (true, Outcome::Pass)] {
        let found = apply(results(&["CPK-OUT-04"], None, |_| Some(always_pass)), list, &[], partial);
        assert!(found.iter().all(|result| result.outcome == expected), "{partial}");
    }
}

#[test]
fn a_list_that_is_written_accepts_the_run_it_is_written_from() {
    let failing = || results(&["CPK-FILE-03", "CPK-OUT-04"], None, |_| Some(always_fail));
    let previous = "[[failure]]\nid = 'CPK-FILE-03'\nreason = 'old parser'\nexpires = 2027-02-01\n";
    let previous = KnownFailures::parse(previous, "k.toml", &Catalogue::built_in().unwrap()).unwrap();
    let written = previous.accepting(&failing()).written().unwrap();
    assert!(written.contains("reason = \"old parser\"\nexpires = \"2027-02-01\""), "{written}");
    assert_eq!(written.matches("[[failure]]").count(), 2, "{written}");
    assert!(written.contains("id = \"CPK-OUT-04\"\nreason = \"FILL IN: "), "{written}");
    let found = apply(failing(), &written, &[], false);
    assert!(found.iter().all(|result| result.outcome == Outcome::KnownFailure), "{found:?}");
}

#[test]
fn cases_of_an_obligation_that_fail_alike_share_an_entry() {
    let newest_passes = |case: &crewpass_contract::client::case::Case| match case.variant.as_deref() {
        Some("document_order=newest") => always_pass(case),
        _ => always_fail(case),
    };
    let results = || results(&["CPK-OUT-04"], None, |_| Some(newest_passes));
    let written = KnownFailures::default().accepting(&results()).written().unwrap();
    assert_eq!(written.matches("[[failure]]").count(), 1, "{written}");
    assert!(written.contains("\"plain/run-twice[unknown_fields=extra]\"") && !written.contains("newest"), "{written}");
    let outcomes: Vec<_> = apply(results(), &written, &[], false).iter().map(|result| result.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::KnownFailure, Outcome::KnownFailure, Outcome::KnownFailure]);
}

#[test]
fn a_wrong_list_is_told_with_its_place() {
    let catalogue = Catalogue::built_in().unwrap();
    let problem = |text: &str| KnownFailures::parse(text, "k.toml", &catalogue).unwrap_err().to_string();
    let head = "[[failure]]\nid = 'CPK-FILE-03'\n";
    assert_eq!(
        problem("[[failure]]\nid = 'CPK-FLIE-03'\nreason = 'r'\n"),
        "k.toml:2:7: there is no obligation `CPK-FLIE-03`"
    );
    assert!(problem(head).contains("missing field `reason`"), "{}", problem(head));
    let day = problem(&format!("{head}reason = 'r'\nexpires = 'soon'\n"));
    assert_eq!(day, "k.toml:4:11: `soon` is not a day such as 2027-01-31");
}
