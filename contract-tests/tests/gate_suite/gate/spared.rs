//! A client that the same thing keeps from its work in every trial is spared the other cases.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crewpass_contract::client::case::Case;
use crewpass_contract::client::judge::judge_of;
use crewpass_contract::client::plan::{Plan, PlannedCase, Selection, plain_scenarios};
use crewpass_contract::client::play::{PlayCase, Played, Unplayed, play_all};
use crewpass_contract::client::scenario::{RightExit, Scenarios};
use crewpass_contract::client::task::Task;
use crewpass_contract::doctor::HindranceKind;
use crewpass_contract::outcome::{Outcome, exit_of, judged, merged};
use crewpass_contract::report::{Format, Look, Run};
use crewpass_contract::requirement::{Catalogue, Grade};

use crate::gate::recorded::{KEY, case};

/// What a client of these tests does with a case that works.
type Spoil = fn(&mut Case);

/// A client that spoils every case but, perhaps, one: the played case with this number, from 0.
struct Spoiled {
    spoil: Spoil,
    but: Option<usize>,
    begun: AtomicUsize,
}

impl PlayCase for Spoiled {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        let mut case = case(&planned, 1);
        if self.but != Some(self.begun.fetch_add(1, Ordering::SeqCst)) {
            (self.spoil)(&mut case);
        }
        Ok(case)
    }
}

/// Leaves one request, which got this answer.
fn ends_with(case: &mut Case, status: u16) {
    let wire = &mut case.runs[0].wire;
    wire.truncate(1);
    (wire[0].status, wire[0].json) = (status, None);
    case.runs[0].process.stderr = b"HTTPError: the server refused it\n".to_vec();
    case.runs[0].after.entries.clear();
}

fn shows(case: &mut Case, headers: &[(&str, &str)]) {
    ends_with(case, 401);
    case.runs[0].wire[0].headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
}

fn no_key(case: &mut Case) {
    shows(case, &[]);
}

fn another_key(case: &mut Case) {
    shows(case, &[("authorization", "Bearer cpk_test_00000000000000000000000000000000")]);
}

fn wrong_path(case: &mut Case) {
    ends_with(case, 404);
    case.runs[0].wire[0].target = "/v2/crew_001/documents".into();
}

fn wrong_person(case: &mut Case) {
    ends_with(case, 404);
    case.runs[0].wire[0].target = "/api/v2/employers/me/crew/nobody/documents".into();
}

fn no_request(case: &mut Case) {
    case.runs[0].wire.clear();
    case.runs[0].process.stderr = b"ModuleNotFoundError: No module named 'httpx'\n".to_vec();
}

fn plan(task: Task, only: &[&str]) -> (Catalogue, Plan) {
    let catalogue = Catalogue::built_in().unwrap();
    let scenarios = Scenarios::load(&catalogue, &[] as &[&Path]).unwrap();
    let only = only.iter().map(|&name| name.to_owned()).collect();
    let plan = Plan::new(&catalogue, &scenarios, &Selection { only, task, ..Selection::default() }).unwrap();
    (catalogue, plan)
}

fn play(plan: &Plan, spoil: Spoil, but: Option<usize>) -> Vec<Played> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let client = Spoiled { spoil, but, begun: AtomicUsize::new(0) };
    runtime.block_on(play_all(plan, Arc::new(client), 2, |_| true))
}

fn played_count(played: &[Played]) -> usize {
    played.iter().filter(|one| one.case.is_ok()).count()
}

#[test]
fn whatever_makes_every_trial_end_alike_spares_the_rest() {
    let (catalogue, plan) = plan(Task::Documents, &[]);
    let friendly = plain_scenarios(&plan.cases);
    for (spoil, kind, seen, broken) in [
        (no_key as Spoil, HindranceKind::NoKey, "it sends no key", &["CPK-AUTH-01"][..]),
        (another_key, HindranceKind::NoKey, "it sends a key other than CPK_KEY", &["CPK-AUTH-01"]),
        (wrong_path, HindranceKind::NoList, "it never requested the list", &[]),
        (wrong_person, HindranceKind::ListRefused, "its list request was refused", &["CPK-LIST-01"]),
        (no_request, HindranceKind::NoRequest, "no request came to BASE", &[]),
    ] {
        let played = play(&plan, spoil, None);
        assert_eq!(played_count(&played), 4, "{seen}");
        for one in &played {
            match &one.case {
                Ok(case) => assert!(friendly.contains(case.scenario.id.as_str()), "{}", one.planned.name()),
                Err(spared) => assert_eq!(*spared, Unplayed::Hindered(kind)),
            }
        }
        let results = judged(&plan, &played, &catalogue, judge_of);
        let outcomes = merged(&results);
        let failed: BTreeSet<&str> =
            outcomes.iter().filter(|(_, (_, outcome))| *outcome == Outcome::Fail).map(|(id, _)| id.as_str()).collect();
        assert!(broken.iter().all(|id| failed.contains(id)), "{seen}: {failed:?}");
        // An obligation that only spared cases show is not exercised, and the reason is the cause.
        let spared = results.iter().find(|one| one.id == "CPK-RTY-03").unwrap();
        assert_eq!(spared.outcome, Outcome::NotExercised, "{seen}");
        let reason = format!("skipped, since the client {} in the first 4 cases", kind.describe());
        assert!(spared.note.as_deref().unwrap().starts_with(&reason), "{:?}", spared.note);
        assert_eq!(exit_of(&outcomes, Grade::MUST).code(), if failed.is_empty() { 3 } else { 1 }, "{seen}: {failed:?}");
        let run = Run::new(&results, &played, &catalogue, 1, Grade::MUST);
        let cause = run.cause.unwrap();
        assert!(cause.seen.starts_with(seen), "{}", cause.seen);
        assert_eq!((cause.ended, cause.skipped), (4, plan.cases.len() - 4), "{seen}");
        assert!(!cause.advice.is_empty() && !cause.printed.is_empty(), "{seen}");
    }
}

#[test]
fn a_client_that_works_in_one_trial_is_played_whole() {
    let (_, plan) = plan(Task::Documents, &["RTY", "AUTH"]);
    for spoil in [no_key as Spoil, another_key, wrong_path, wrong_person, no_request] {
        for but in 0..4 {
            assert_eq!(played_count(&play(&plan, spoil, Some(but))), plan.cases.len(), "all but {but}");
        }
    }
}

#[test]
fn a_small_plan_is_played_whole() {
    let (_, plan) = plan(Task::Documents, &["auth/link-redirected"]);
    assert_eq!(plan.cases.len(), 5, "the case and its four twins");
    for spoil in [no_key as Spoil, no_request] {
        assert_eq!(played_count(&play(&plan, spoil, None)), 5);
    }
}

#[test]
fn trials_that_end_in_different_ways_spare_nothing() {
    let (_, plan) = plan(Task::Documents, &["RTY", "AUTH"]);
    let spoil: Spoil =
        |case| if case.variant.as_deref() == Some("link_use=once") { no_key(case) } else { no_request(case) };
    assert_eq!(played_count(&play(&plan, spoil, None)), plan.cases.len());
}

#[test]
fn a_client_that_gets_the_list_with_a_key_in_the_wrong_form_is_played_whole() {
    let (_, plan) = plan(Task::Documents, &["RTY", "AUTH"]);
    let twice: Spoil = |case| {
        let key = format!("Bearer {KEY}");
        case.runs[0].wire[0].headers.push(("authorization".to_owned(), key.into_bytes()));
    };
    assert_eq!(played_count(&play(&plan, twice, None)), plan.cases.len());
}

#[test]
fn cases_with_a_difficulty_spare_nothing_but_a_client_that_sends_nothing() {
    let (_, mut plan) = plan(Task::Documents, &["RTY", "AUTH"]);
    let friendly: BTreeSet<String> = plain_scenarios(&plan.cases).into_iter().map(str::to_owned).collect();
    plan.cases.retain(|case| !friendly.contains(&case.scenario.id));
    let saves = |case: &&PlannedCase| case.scenario.right_exit == RightExit::Saved;
    assert!(plan.cases.iter().filter(saves).count() >= 4);
    assert_eq!(played_count(&play(&plan, no_key, None)), plan.cases.len());
    assert_eq!(played_count(&play(&plan, no_request, None)), 4);
}

#[test]
fn a_fleet_that_is_refused_for_the_key_spares_the_rest() {
    let (catalogue, plan) = plan(Task::Fleet, &[]);
    let spoil: Spoil = |case| {
        no_key(case);
        case.runs[0].wire[0].target = "/api/v2/employers/me/fleet".into();
    };
    let played = play(&plan, spoil, None);
    assert_eq!(played_count(&played), 4);
    let results = judged(&plan, &played, &catalogue, judge_of);
    let run = Run::new(&results, &played, &catalogue, 1, Grade::MUST);
    assert_eq!(run.cause.unwrap().seen, "it sends no key");
    // The obligation of the key is about list and link, to which such a client does not get.
    assert_eq!(merged(&results)["CPK-AUTH-01"].1, Outcome::NotExercised);
}

#[test]
fn a_long_list_of_what_was_not_played_names_the_first() {
    let (catalogue, plan) = plan(Task::Documents, &[]);
    let mut played = play(&plan, no_key, None);
    for one in played.iter_mut().filter(|one| one.case.is_err()) {
        one.case = Err(Unplayed::Stopped);
    }
    let run = Run::new(&judged(&plan, &played, &catalogue, judge_of), &played, &catalogue, 1, Grade::MUST);
    let listed = |verbose| {
        let text = Format::Human.render(&run, Look { verbose, ..Look::from(80) }).unwrap();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let ids = flat.split_once("the gate was stopped by a signal: ").expect(&text).1.to_owned();
        (ids.split(", ").take_while(|id| id.starts_with("CPK-")).count(), ids)
    };
    let (short, whole) = (listed(false), listed(true));
    assert!(short.0 == 6 && short.1.contains(" more "), "{}", short.1);
    assert!(whole.0 > 12, "{}", whole.1);
}
