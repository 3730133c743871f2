//! A gate that stands still with all its machine, as in a container that is paused: deadlines pass meanwhile that nobody
//! could keep, and no verdict comes from them.

use crate::robustness::gate::{Ended, GOOD, Gate};

/// One plain case.
const PLAIN: [&str; 5] = ["client", "--only", "plain/three-documents", "--deadline", "6s"];

/// Stops the gate, and so itself, which does nothing meanwhile.
const STANDSTILL: &str = "kill -STOP $PPID; sleep SECONDS; kill -CONT $PPID";

/// The gate, with a shell for a client that may stand still for so long before the reference client does its work.
fn judged(script: &str, seconds: u32) -> Ended {
    let gate = Gate::new();
    let marks = tempfile::tempdir().unwrap();
    let script = script.replace("STANDSTILL", STANDSTILL).replace("SECONDS", &seconds.to_string());
    let script = script.replace("MARK", marks.path().join("mark").to_str().unwrap());
    gate.run(&PLAIN, &["sh", "-c", &format!("{script}; exec {GOOD}")])
}

#[test]
fn the_case_is_played_again() {
    // It is longer than the deadline.
    let ended = judged("if mkdir MARK 2> MARK.taken; then STANDSTILL; fi", 7);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn a_machine_that_stands_still_again_and_again_proves_nothing() {
    // No client would fail by it, but for limits of its own that are as short.
    let ended = judged("STANDSTILL", 1);
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("the machine stood still while this case was played"), "{}", ended.out);
}
