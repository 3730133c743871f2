//! Property mode: a good receiver has the newest documents after every order, and a bug is found, shrunk and saved.

use std::path::Path;
use std::process::{Command, Output};

use crate::receiver::harness::path;
use crate::support::judged_output::judged_output;

fn run_in(folder: &Path, args: &[&str], command: &[&str]) -> Output {
    let mut gate = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    gate.arg("receiver").args(args).args(["--", "python3"]).args(command).current_dir(folder);
    judged_output(gate.env_remove("GITHUB_WORKFLOW_REF"))
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_good_receiver_has_the_newest_documents_after_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let good = path("examples/receivers/python/crewpass_receiver.py");
    let output = run_in(folder.path(), &["--cases", "8", "--seed", "3"], &[&good]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(
        out(&output).contains("The newest documents were there after each of 8 orders with seed 3"),
        "{}",
        out(&output)
    );
}

#[test]
fn a_bug_is_shrunk_saved_and_played_again() {
    let folder = tempfile::tempdir().unwrap();
    let broken = path("contract-tests/tests/receivers/broken.py");
    let output = run_in(folder.path(), &["--cases", "30", "--save", "least.yaml"], &[&broken, "racy"]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("copies of the newest version in OUT_DIR"), "{text}");
    assert!(text.contains("play it again with: crewpass-contract receiver --order least.yaml -- python3"), "{text}");
    let saved = std::fs::read_to_string(folder.path().join("least.yaml")).unwrap();
    assert!(saved.starts_with("# Found by property mode of `receiver`: seed 1, order "), "{saved}");
    assert!(saved.contains("people: 1") && saved.matches("deliver").count() == 1, "{saved}");
    let again = run_in(folder.path(), &["--order", "least.yaml"], &[&broken, "racy"]);
    assert_eq!(again.status.code(), Some(1), "{}", out(&again));
    let good = path("examples/receivers/python/crewpass_receiver.py");
    let right = run_in(folder.path(), &["--order", "least.yaml"], &[&good]);
    assert_eq!(right.status.code(), Some(0), "{}", out(&right));
}

#[test]
fn an_order_that_can_not_be_played_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.yaml"), "people: 1\nsteps: []\n").unwrap();
    for (args, why) in [
        (&["--order", "bad.yaml"][..], "never delivered"),
        (&["--order", "none.yaml"], "none.yaml"),
        (&["--cases", "3", "--only", "HOOK-01"], "cannot be used with"),
    ] {
        let output = run_in(folder.path(), args, &["-c", "exit"]);
        assert_eq!(output.status.code(), Some(2), "{}", out(&output));
        assert!(out(&output).contains(why), "{}", out(&output));
    }
}
