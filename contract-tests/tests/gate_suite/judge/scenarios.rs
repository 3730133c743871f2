//! The scenario files: each can be read, refers to what there is, and together they put every obligation to a client.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crewpass_contract::client::judge::judged_ids;
use crewpass_contract::client::scenario::{Action, Need, RightExit, Scenario, Terminate};
use crewpass_contract::requirement::{Catalogue, Grade};
use crewpass_mock::Fault;
use crewpass_mock::policy::Policies;
use crewpass_mock::world::World;
use serde_json::Value;

/// What is judged in every scenario.
const EVERYWHERE: [&str; 6] = ["CPK-AUTH-04", "CPK-AUTH-07", "CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-FLEET-14"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/scenarios")
}

/// Every scenario by id.
pub(crate) fn all() -> BTreeMap<String, Scenario> {
    let mut all = BTreeMap::new();
    for area in fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let name = area.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "worlds" {
            continue;
        }
        for file in fs::read_dir(area).unwrap().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&file).unwrap();
            let id = format!("{name}/{}", file.file_stem().unwrap().to_str().unwrap());
            let scenario = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{id}: {error}"));
            all.insert(id, scenario);
        }
    }
    all
}

fn actions(scenario: &Scenario) -> impl Iterator<Item = &Action> {
    scenario.runs.iter().flat_map(|run| &run.before)
}

/// Every fault rule, of the start and of later runs.
pub(crate) fn rules(scenario: &Scenario) -> Vec<&Value> {
    let later = actions(scenario).filter_map(|action| match action {
        Action::Faults(rules) => Some(rules),
        _ => None,
    });
    scenario.faults.iter().chain(later.flatten()).collect()
}

#[test]
fn every_obligation_is_provoked_and_none_is_made_up() {
    let known: BTreeSet<&str> = judged_ids().into_iter().collect();
    let all = all();
    let provoked: BTreeSet<&str> =
        all.values().flat_map(|scenario| &scenario.provokes).map(String::as_str).chain(EVERYWHERE).collect();
    assert_eq!(provoked, known);
}

#[test]
fn what_a_scenario_refers_to_is_there() {
    let all = all();
    for (id, scenario) in &all {
        let twin = scenario.twin.as_ref().is_none_or(|twin| twin != id && all.contains_key(twin));
        assert!(twin, "{id}: there is no scenario {:?}", scenario.twin);
        let name = scenario.world.as_str().unwrap_or_else(|| panic!("{id}: a world by its name"));
        let world = World::open(&root().join(format!("worlds/{name}.yaml")));
        let world = world.unwrap_or_else(|error| panic!("{id}: {error:?}"));
        assert!(world.partners[0].keys.iter().any(|key| *key.name == *scenario.key), "{id}: its key");
        let mut policies = Policies::default();
        let varied = scenario.vary.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        for (name, value) in scenario.policies.iter().chain(varied) {
            policies.set(name, value).unwrap_or_else(|error| panic!("{id}: {error}"));
        }
        let names: Vec<&str> = rules(scenario).iter().filter_map(|rule| rule["name"].as_str()).collect();
        let met = scenario.met.iter().filter_map(|need| match need {
            Need::Fault(name) => Some(name),
            _ => None,
        });
        let ended = scenario.runs.iter().filter_map(|run| run.terminate.as_ref()).map(|Terminate::Fault(name)| name);
        for name in met.chain(ended) {
            assert!(names.contains(&name.as_str()), "{id}: no fault is called {name}");
        }
    }
}

#[test]
fn every_world_is_used() {
    let all = all();
    let used: BTreeSet<&str> = all.values().filter_map(|scenario| scenario.world.as_str()).collect();
    for file in fs::read_dir(root().join("worlds")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(used.contains(name.as_str()), "no scenario names the world {name}");
    }
}

/// The mark of a world that has not every status, with the reason.
const WHY_NOT: &str = "\n# Not every status: ";

/// A day before the tests were written.
const PAST: &str = "2024-01-01";

#[test]
fn every_world_has_each_status_and_a_past_date_or_says_why_not() {
    for file in fs::read_dir(root().join("worlds")).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&file).unwrap();
        let world: Value = serde_saphyr::from_str(&text).unwrap();
        let crew = world["crew"].as_array().unwrap().iter();
        let documents: Vec<&Value> = crew.flat_map(|member| member["documents"].as_array().unwrap()).collect();
        let has = |status: &str| documents.iter().any(|document| document["verification_status"] == status);
        let all = ["verified", "pending", "rejected", "expired"].into_iter().all(has);
        assert!(all != text.contains(WHY_NOT), "{}: every status, or why not", file.display());
        let past = documents.iter().any(|document| document["expiry_date"].as_str().is_some_and(|date| date < PAST));
        assert!(past || documents.is_empty(), "{}: a date that has passed", file.display());
    }
}

#[test]
fn what_counts_only_when_met_says_so() {
    // Without a need, a client that never came there would be judged all the same.
    let free = ["auth/plain-http", "list/crew-id-dot", "list/crew-id-dots", "time/unreachable"];
    for (id, scenario) in &all() {
        assert_eq!(scenario.met.is_empty(), free.contains(&id.as_str()), "{id}");
    }
}

/// The grade of each obligation.
fn grades() -> BTreeMap<String, Grade> {
    let catalogue = Catalogue::built_in().unwrap();
    catalogue.obligations().iter().map(|known| (known.id.clone(), known.grade)).collect()
}

/// What is watched in every case, whatever the case is about.
const WATCHED: [&str; 3] = ["CPK-AUTH-02", "CPK-AUTH-04", "CPK-AUTH-07"];

#[test]
fn what_a_case_can_fail_is_at_most_of_the_grade_that_it_provokes() {
    let grades = grades();
    for (id, scenario) in &all() {
        let gravest = scenario.provokes.iter().map(|id| grades[id]).min().unwrap();
        if scenario.only || gravest == Grade::MUST {
            continue;
        }
        // CPK-OUT-01 is then broken by a false exit 0 or a crash alone: every true exit is right.
        assert_eq!(scenario.right_exit, RightExit::Either, "{id} provokes a {gravest:?} at most");
    }
}

#[test]
fn a_variant_breaks_nothing_graver_than_what_catches_it() {
    let output = std::process::Command::new(env!("REFERENCE_CLIENT")).arg("--list-bugs").output().unwrap();
    let variants: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(variants.len() > 80);
    let grades = grades();
    for variant in variants {
        let named = |field: &str| -> Vec<String> { serde_json::from_value(variant[field].clone()).unwrap() };
        let gravest = named("caught_by").iter().map(|id| grades[id]).min().unwrap();
        let graver = named("along_with")
            .into_iter()
            .find(|id| id != "*" && !WATCHED.contains(&id.as_str()) && grades[id] < gravest);
        assert_eq!(graver, None, "{} is caught by a {gravest:?} at most", variant["name"]);
    }
}

/// What the gate fills in when it plays a scenario; the fake fills in the rest.
const FILLED: [(&str, &str); 11] = [
    ("{alike}", "http://127.0.0.10:4005"),
    ("{unreachable}", "http://127.0.0.1:4006"),
    ("{base}", "http://127.0.0.1:4001"),
    ("{second}", "http://127.0.0.1:4002"),
    ("{foreign}", "http://127.0.0.2:4003"),
    ("{beside}", "http://127.0.0.1:4004"),
    ("{second_host}", "127.0.0.1:4002"),
    ("{foreign_host}", "127.0.0.2:4003"),
    ("{canary}", "/tmp/sandbox/canary.txt"),
    ("{sandbox}", "/tmp/sandbox"),
    ("{bomb}", "H4sIAAAAAAAC/wMAAAAAAAAAAAA="),
];

/// Fills in what stands for the places of a run.
pub(crate) fn filled(text: &str) -> String {
    FILLED.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[test]
fn the_fake_takes_every_rule() {
    let mut count = 0;
    for (id, scenario) in &all() {
        for rule in rules(scenario) {
            let text = filled(&rule.to_string());
            text.parse::<Fault>().unwrap_or_else(|error| panic!("{id}: {error}: {text}"));
            count += 1;
        }
    }
    assert!(count > 60, "{count} rules");
}
