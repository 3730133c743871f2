//! What the downloads of a receiver owe: each bug is caught by the obligation that it breaks.

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;

use crewpass_contract::receiver::{catalogue, is_owed};

use crate::receiver::harness::path;
use crate::support::judged_output::judged_output;

/// Each bug with the obligation that it breaks.
const BUGS: [(&str, &str); 9] = [
    ("key-on-link", "CPK-AUTH-02"),
    ("key-goes-along", "CPK-AUTH-03"),
    ("prints-link", "CPK-AUTH-04"),
    ("key-in-url", "CPK-AUTH-07"),
    ("saves-refusals", "CPK-FILE-01"),
    ("keeps-a-part", "CPK-FILE-02"),
    ("strips-mark", "CPK-FILE-03"),
    ("trusts-name", "CPK-NAME-01"),
    ("name-alone", "CPK-NAME-02"),
];

/// Returns the obligations of downloads.
fn owed() -> Vec<String> {
    let all = catalogue().unwrap();
    all.obligations().iter().filter(|known| is_owed(known)).map(|known| known.id.clone()).collect()
}

/// Judges a bug by its obligation, or with `RECEIVER_MATRIX=full` by all of them. Returns those that are not kept.
fn not_kept(bug: &str, id: &str) -> BTreeSet<String> {
    let is_full = std::env::var("RECEIVER_MATRIX").is_ok_and(|value| value == "full");
    let only = if is_full { owed().join(",") } else { id.to_owned() };
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(["receiver", "--only", &only, "--report", &format!("json={}", report.display()), "--", "python3"]);
    command.args([&path("contract-tests/tests/receivers/broken_downloads.py"), bug]).current_dir(folder.path());
    let output = judged_output(command.env_remove("GITHUB_WORKFLOW_REF").env("CREWPASS_LAST_RUN", "/dev/null"));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{bug}: {shown}{}", String::from_utf8_lossy(&output.stderr));
    let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(&format!("crewpass-contract receiver --only {id} -- python3")), "{shown}");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let merged = report["merged"].as_object().unwrap();
    merged.iter().filter(|(_, outcome)| *outcome != "pass").map(|(id, _)| id.clone()).collect()
}

#[test]
fn each_bug_is_caught_by_what_it_breaks() {
    // Most of each run is waiting.
    thread::scope(|scope| {
        for (bug, id) in BUGS {
            scope.spawn(move || assert_eq!(not_kept(bug, id), BTreeSet::from([id.to_owned()]), "{bug}"));
        }
    });
}

#[test]
fn each_obligation_has_a_bug() {
    assert_eq!(BUGS.map(|(_, id)| id.to_owned()).to_vec(), owed());
}
