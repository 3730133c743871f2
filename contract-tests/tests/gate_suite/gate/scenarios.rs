//! Scenario files: those that are built in load, and what is wrong with one is told with its place and what to do.

use std::fs;
use std::path::Path;

use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::requirement::Catalogue;
use crewpass_diagnostics::Problems;

use crate::gate::generated::{read, repository};

fn catalogue() -> Catalogue {
    Catalogue::built_in().unwrap()
}

/// What is told of a folder that holds one scenario.
fn problems(text: &str) -> Problems {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("area")).unwrap();
    fs::write(folder.path().join("area/case.yaml"), text).unwrap();
    Scenarios::load(&catalogue(), &[folder.path()]).unwrap_err()
}

/// Place, message and help of the only problem of a scenario.
fn only_problem(text: &str) -> (Option<(usize, usize)>, String, String) {
    let problems = problems(text).problems().to_vec();
    assert_eq!(problems.len(), 1, "{problems:?}");
    (problems[0].place(), problems[0].message().to_owned(), problems[0].advice().unwrap_or_default().to_owned())
}

#[test]
fn the_built_in_scenarios_load_under_the_path_of_their_file() {
    let all = Scenarios::load(&catalogue(), &[] as &[&Path]).unwrap();
    let plain = all.get("plain/three-documents").unwrap();
    assert_eq!(plain.id, "plain/three-documents");
    assert_eq!(all.keys_of(plain).unwrap(), ["full"]);
    assert!(all.that_provoke("CPK-FILE-03").contains(&"plain/three-documents"));
    let on_disk = Scenarios::load(&catalogue(), &[] as &[&Path]).unwrap().iter().count();
    let mut files = 0;
    for area in fs::read_dir(repository().join("fixtures/scenarios")).unwrap().map(|entry| entry.unwrap().path()) {
        if area.is_dir() && !area.ends_with("worlds") {
            files += fs::read_dir(area).unwrap().count();
        }
    }
    assert_eq!(on_disk, files);
}

#[test]
fn the_schema_is_current_and_allows_every_built_in_scenario() {
    let schema = read("fixtures/scenarios/scenario.schema.json");
    assert_eq!(schema, crewpass_contract::client::scenario::schema_text(), "run `make generate`");
    let schema = serde_json::from_str(&schema).unwrap();
    for scenario in Scenarios::load(&catalogue(), &[] as &[&Path]).unwrap().iter() {
        jsonschema::validate(&schema, &serde_json::to_value(scenario).unwrap()).unwrap();
    }
}

#[test]
fn a_folder_is_added_and_its_worlds_are_found_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("worlds")).unwrap();
    let three = read("fixtures/scenarios/worlds/three.yaml");
    fs::write(folder.path().join("worlds/mine.yaml"), three.replace("name: full", "name: mine")).unwrap();
    let text = "title: t\nworld: mine\nkey: mine\ntwin: plain/three-documents\n";
    fs::write(folder.path().join("case.yaml"), text).unwrap();
    let all = Scenarios::load(&catalogue(), &[folder.path()]).unwrap();
    assert_eq!(all.get("case").unwrap().key, "mine");
    assert!(all.get("plain/three-documents").is_some());
}

#[test]
fn an_id_that_is_taken_is_refused() {
    for id in ["plain/three-documents", "fleet/three-pages", "fleet/plain/three-documents"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(id).with_extension("yaml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "title: t\nworld: three\n").unwrap();
        let problems = Scenarios::load(&catalogue(), &[folder.path()]).unwrap_err().to_string();
        assert!(problems.contains(&format!("there is a scenario `{id}` already")), "{problems}");
    }
}

#[test]
fn unknown_names_are_told_with_their_place_and_a_guess() {
    let base = "title: t\nworld: three\n";
    let cases = [
        (
            "provokes: [CPK-RTY-01, CPK-RYT-02]\n",
            (3, 24),
            "there is no obligation `CPK-RYT-02`",
            "did you mean `CPK-RTY-02`?",
        ),
        (
            "twin: plain/tree-documents\n",
            (3, 7),
            "there is no scenario `plain/tree-documents`",
            "did you mean `plain/three-documents`?",
        ),
        ("policies: {dead_lnk: '410'}\n", (3, 12), "there is no policy `dead_lnk`", "did you mean `dead_link`?"),
        ("vary: {dead_link: ['418']}\n", (3, 21), "policy `dead_link` can't be `418`", "it can be `404`, `403`, `410`"),
        ("key: fll\n", (3, 6), "the world has no key `fll`", "did you mean `full`?"),
        ("met: [{fault: cut}]\n", (3, 15), "no fault rule is called `cut`", "give a rule of `faults` this name"),
        (
            "deadline: soon\n",
            (3, 11),
            "`soon` is not a duration",
            "write a number with its unit, such as 90s, 16m or 1h30m",
        ),
        (
            "task: fleet\nnot_in_fleet: no\n",
            (4, 1),
            "it is written for the task `fleet`",
            "leave out `not_in_fleet`, or `task`",
        ),
        (
            "twin: err/unknown-crew\n",
            (3, 7),
            "its twin `err/unknown-crew` is not played in the task `fleet`",
            "say in `not_in_fleet` why this one is not played there either",
        ),
        ("twin: area/case\n", (3, 7), "a scenario can't be its own twin", "name the scenario with the friendly value"),
    ];
    for (line, place, message, help) in cases {
        assert_eq!(
            only_problem(&format!("{base}{line}")),
            (Some(place), message.to_owned(), help.to_owned()),
            "{line}"
        );
    }
    let world = only_problem("title: t\nworld: thre\n");
    assert_eq!(world, (Some((2, 8)), "there is no world `thre`".to_owned(), "did you mean `three`?".to_owned()));
    let nothing = only_problem("title: t\nworld: three\nonly: true\n");
    assert_eq!(nothing.0, Some((3, 1)));
}

#[test]
fn a_field_or_value_that_is_not_known_is_told_with_its_line() {
    let (place, message, help) = only_problem("title: t\nworld: three\nprovoke: []\n");
    assert_eq!((place, message.as_str()), (Some((3, 1)), "there is no field `provoke` here"));
    assert_eq!(help, "did you mean `provokes`?");
    let (place, message, help) = only_problem("title: t\nworld: three\nright_exit: save\n");
    assert_eq!((place, message.as_str()), (Some((3, 13)), "`save` is not a known value here"));
    assert!(help.starts_with("did you mean `saved`?"), "{help}");
    let (_, message, _) = only_problem("world: three\n");
    assert_eq!(message, "`title` is missing");
}

#[test]
fn a_problem_shows_the_line_and_what_to_do() {
    let shown = problems("title: t\nworld: three\nprovokes: [CPK-RYT-02]\n").render(false, 80);
    let shown: Vec<_> = shown.lines().filter(|line| !line.contains("case.yaml")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}
