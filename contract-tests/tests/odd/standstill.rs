//! A gate that stands still with all its machine, as in a container that is paused: deadlines pass meanwhile that nobody
//! could keep, and no verdict comes from them.

use crate::gate::{Ended, GOOD, Gate};

/// One plain case, at a deadline that is shorter than the gate stands still.
const PLAIN: [&str; 5] = ["client", "--only", "plain/three-documents", "--deadline", "2s"];

/// Stops the gate for longer than its deadline, and so itself, which does nothing meanwhile.
const STANDSTILL: &str = "kill -STOP $PPID; sleep 3; kill -CONT $PPID";

/// The gate, with a shell for a client that may stand still before the reference client does its work.
fn judged(script: &str) -> Ended {
    let gate = Gate::new();
    let marks = tempfile::tempdir().unwrap();
    let script = script.replace("STANDSTILL", STANDSTILL).replace("MARK", marks.path().join("mark").to_str().unwrap());
    gate.run(&PLAIN, &["sh", "-c", &format!("{script}; exec {GOOD}")])
}

#[test]
fn the_case_is_played_again() {
    let ended = judged("if mkdir MARK 2> MARK.taken; then STANDSTILL; fi");
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn a_machine_that_stands_still_again_and_again_proves_nothing() {
    let ended = judged("STANDSTILL");
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("the machine stood still while this case was played"), "{}", ended.out);
}
