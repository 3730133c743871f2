//! Property mode against real clients: the good one passes, and what a bad one gets wrong is found and made small.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::judged_output::judged_output;

const CLIENT: &str = env!("REFERENCE_CLIENT");

fn gate(folder: &Path, args: &[&str], client: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    judged_output(command.current_dir(folder).args(args).args(["--", CLIENT]).args(client))
}

fn output_of(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

#[test]
fn the_good_client_passes_two_hundred_cases() {
    let folder = tempfile::tempdir().unwrap();
    let output = gate(folder.path(), &["property", "--cases", "200", "--seed", "1"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", output_of(&output));
    assert!(output_of(&output).contains("200 cases with seed 1"), "{}", output_of(&output));
    assert!(!folder.path().join("crewpass-counterexample.yaml").exists());
}

#[test]
fn the_good_client_passes_in_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let output = gate(folder.path(), &["property", "--session", "--cases", "60", "--seed", "2"], &["--session"]);
    assert_eq!(output.status.code(), Some(0), "{}", output_of(&output));
}

/// A bug is found, its least scenario has two documents at most, and `replay` tells bad from good by it.
fn is_found(bug: &str, fail_on: &str, obligation: &str) {
    let folder = tempfile::tempdir().unwrap();
    let output = gate(folder.path(), &["property", "--cases", "300", "--fail-on", fail_on], &["--bug", bug]);
    assert_eq!(output.status.code(), Some(1), "{bug}: {}", output_of(&output));
    let text = std::fs::read_to_string(folder.path().join("crewpass-counterexample.yaml")).unwrap();
    assert!(text.contains(&format!("# Broken: {obligation}")), "{text}");
    let scenario: Value = serde_saphyr::from_str(&text).unwrap();
    let documents = scenario["world"]["crew"][0]["documents"].as_array().unwrap().len();
    assert!((1..=2).contains(&documents), "{bug}: {documents} documents");
    assert!(scenario["faults"].as_array().is_none_or(|faults| faults.len() <= 1), "{text}");
    // The command line says how long the client has.
    assert!(scenario.get("deadline").is_none(), "{text}");
    let replay = ["replay", "crewpass-counterexample.yaml", "--fail-on", fail_on];
    assert_eq!(gate(folder.path(), &replay, &["--bug", bug]).status.code(), Some(1), "{bug}");
    assert_eq!(gate(folder.path(), &replay, &[]).status.code(), Some(0), "{bug}");
}

#[test]
fn a_client_whose_files_collide_is_found() {
    is_found("basename-only", "must", "CPK-OUT-01");
}

#[test]
fn a_client_that_takes_a_part_for_all_is_found() {
    is_found("exit-0-on-partial", "must", "CPK-OUT-01");
}

#[test]
fn a_client_that_stops_at_the_first_error_is_found() {
    is_found("stops-at-first-error", "should", "CPK-LIST-09");
}

#[test]
fn a_client_that_never_asks_is_told_why_nothing_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let mut gate = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    gate.current_dir(folder.path()).args(["property", "--cases", "3", "--", "python3", "no_such_client.py"]);
    let output = judged_output(&mut gate);
    let said = output_of(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for part in [
        "in no case could the exit be judged: ",
        "\n  last line  ",
        "can't open file",
        "\nSee what to change: crewpass-contract doctor -- python3 no_such_client.py\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_same_seed_draws_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let found = |name: &str| {
        let args = ["property", "--cases", "20", "--seed", "7", "--jobs", "1", "--shrinks", "0", "--save", name];
        let output = gate(folder.path(), &args, &["--bug", "does-nothing"]);
        assert_eq!(output.status.code(), Some(1), "{}", output_of(&output));
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let Some((_, scenario)) = text.split_once("title:") else { panic!("{text}") };
        scenario.to_owned()
    };
    assert_eq!(found("one.yaml"), found("two.yaml"));
}

#[test]
fn a_client_that_can_not_be_run_is_a_mistake_of_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    let output = command.current_dir(folder.path()).args(["property", "--", "./no-such-client"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", output_of(&output));
}

/// Where sandboxes are made, as a client sees its own; it does nothing else.
fn sandboxes_with(temporary: Option<&Path>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list");
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(["property", "--cases", "1", "--shrinks", "0", "--", "sh", "-c"]).current_dir(folder.path());
    command.arg(format!("pwd >> '{}'; exit 1", list.display())).env_remove("TMPDIR");
    command.envs(temporary.map(|path| ("TMPDIR", path))).output().unwrap();
    std::fs::read_to_string(list).unwrap()
}

/// The megabytes that a folder has to spare; none where it is not there.
fn room(folder: &str) -> Option<u64> {
    let output = Command::new("df").args(["--output=avail", "--block-size=1M", folder]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().nth(1)?.trim().parse().ok()
}

#[test]
fn sandboxes_are_in_memory_or_where_the_caller_says() {
    let wanted = tempfile::tempdir().unwrap();
    let sandboxes = sandboxes_with(Some(wanted.path()));
    assert!(sandboxes.starts_with(&wanted.path().display().to_string()), "{sandboxes}");
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let open = mounts.lines().any(|line| line.contains(" /dev/shm tmpfs rw,") && !line.contains("noexec"));
    let suits = open && room("/dev/shm").is_some_and(|room| room >= 1 << 10);
    let sandboxes = sandboxes_with(None);
    assert_eq!(sandboxes.starts_with("/dev/shm/"), suits, "{sandboxes}");
}

#[test]
fn the_good_client_of_a_fleet_passes_a_hundred_cases() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["property", "--task", "fleet", "--cases", "100", "--seed", "3", "--fail-on", "should"];
    let output = gate(folder.path(), &args, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", output_of(&output));
    assert!(output_of(&output).contains("100 cases with seed 3"), "{}", output_of(&output));
}

/// A bug of a fleet is found, its least scenario has a page of people and one more, and `replay` tells bad from good.
#[test]
fn a_client_that_takes_a_page_for_the_fleet_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let bug = ["--bug", "first-page-only"];
    let output = gate(folder.path(), &["property", "--task", "fleet", "--cases", "200"], &bug);
    assert_eq!(output.status.code(), Some(1), "{}", output_of(&output));
    let text = std::fs::read_to_string(folder.path().join("crewpass-counterexample.yaml")).unwrap();
    let scenario: Value = serde_saphyr::from_str(&text).unwrap();
    let people = scenario["world"]["crew"].as_array().unwrap().len();
    assert!((2..=3).contains(&people), "{text}");
    let replay = ["replay", "crewpass-counterexample.yaml"];
    assert_eq!(gate(folder.path(), &replay, &bug).status.code(), Some(1));
    assert_eq!(gate(folder.path(), &replay, &[]).status.code(), Some(0));
}
