//! What the binary prints, on both streams, and its exit code, as people see them.

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::judged_output::judged_output;

/// The reference client, found on the PATH: its own path would wrap differently on each machine.
const GOOD: &str = "crewpass-reference-client";

/// The only obligation judged beside a plain case, in a case in which little can go wrong.
const ONE: [&str; 3] = ["client", "--only", "plain/three-documents"];

/// Both streams and the exit code.
fn shown_in(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    let programs = Path::new(env!("REFERENCE_CLIENT")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", programs.display()));
    command.args(args).current_dir(folder).env_remove("GITHUB_WORKFLOW_REF").env("CREWPASS_LAST_RUN", "/dev/null");
    let output = judged_output(&mut command);
    let text = |bytes: Vec<u8>| of_any_machine(&String::from_utf8(bytes).unwrap());
    let code = output.status.code().unwrap();
    format!("stdout:\n{}\nstderr:\n{}\nexit code: {code}", text(output.stdout), text(output.stderr))
}

/// A report without what only this machine has: the system with its cores.
fn of_any_machine(report: &str) -> String {
    let lines = report.split_inclusive('\n').map(|line| match line.split_once(", seed 1, ") {
        Some((before, _)) if line.starts_with("crewpass-contract ") => format!("{before}, seed 1, (machine)\n"),
        _ => line.to_owned(),
    });
    lines.collect()
}

fn shown(args: &[&str]) -> String {
    shown_in(&std::env::temp_dir(), args)
}

#[test]
fn a_clean_run() {
    assert_snapshot!(shown(&[&ONE[..], &["--", GOOD]].concat()));
}

#[test]
fn a_failing_run() {
    let script = format!("{GOOD} && echo \"called with $CPK_KEY\" && date > log.txt && rm \"$(ls doc_* | head -1)\"");
    assert_snapshot!(shown(&[&ONE[..], &["--", "sh", "-c", &script]].concat()));
}

#[test]
fn a_stale_known_failure() {
    let folder = tempfile::tempdir().unwrap();
    let known = "[[failure]]\nid = 'CPK-FILE-03'\nscenario = 'plain/three-documents'\nreason = 'text mode on one system'\nissue = 'GH-12'\n";
    fs::write(folder.path().join("known.toml"), known).unwrap();
    let args = ["client", "--only", "plain/three-documents", "--known-failures", "known.toml", "--", GOOD];
    assert_snapshot!(shown_in(folder.path(), &args));
}

#[test]
fn an_empty_selection() {
    assert_snapshot!(shown(&["client", "--only", "CPK-OUT-04", "--grade", "must", "--", GOOD]));
}

#[test]
fn an_unusable_command() {
    assert_snapshot!(shown(&["client", "--", "no-such-client", "{crew_id}"]));
}

#[test]
fn a_client_that_does_nothing() {
    assert_snapshot!(shown(&["client", "--only", "LIST,RTY", "--", "true"]));
}

#[test]
fn the_help_of_every_command() {
    let folder = std::env::temp_dir();
    let of = |command: &str| {
        let args: Vec<_> = command.split_whitespace().chain(["--help"]).collect();
        format!("# {command}\n{}\n", shown_in(&folder, &args))
    };
    let commands = [
        "",
        "client",
        "receiver",
        "hooks",
        "replay",
        "merge",
        "doctor",
        "scenario",
        "scenario check",
        "show",
        "list",
        "explain",
        "schema",
    ];
    assert_snapshot!(commands.iter().chain(&["completions", "man"]).map(|command| of(command)).collect::<String>());
}

#[test]
fn a_report_for_machines_is_the_same_for_the_same_seed() {
    let folder = tempfile::tempdir().unwrap();
    // One that is right, and one that is wrong in words that tell times, ports and folders.
    let wrong = format!("{GOOD} --bug logs-link; echo \"$BASE $PWD/a\" > ../stray.txt; exit 3");
    for (name, client) in [("right", GOOD.to_owned()), ("wrong", wrong)] {
        let report = |jobs: &str| {
            let path = folder.path().join(format!("{name}-{jobs}.json"));
            let to = format!("json={}", path.display());
            let only = "auth/plain,list/empty,plain/three-documents";
            shown(&["client", "--only", only, "--jobs", jobs, "--report", &to, "--", "sh", "-c", &client]);
            fs::read_to_string(path).unwrap()
        };
        let (first, second) = (report("1"), report("4"));
        assert!(first.len() > 5_000, "{first}");
        assert!(first == second, "{name}: {:?}", first.lines().zip(second.lines()).find(|(one, other)| one != other));
    }
}
