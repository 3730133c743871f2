//! A gate that stands still with all its machine, as in a container that is paused: deadlines pass meanwhile that nobody
//! could keep, and no verdict comes from them.

use crate::robustness::gate::{Ended, GOOD, Gate};

/// One plain case.
const PLAIN: [&str; 5] = ["client", "--only", "plain/three-documents", "--deadline", "6s"];

/// Stops the gate, and so itself, which does nothing meanwhile.
const STANDSTILL: &str = "kill -STOP $PPID; sleep SECONDS; kill -CONT $PPID";

/// The gate, with a shell for a client. MARK is a path that is there from the second run of the client on.
fn judged(script: &str, seconds: u32) -> Ended {
    let gate = Gate::new();
    let marks = tempfile::tempdir().unwrap();
    let script = script.replace("STANDSTILL", STANDSTILL).replace("SECONDS", &seconds.to_string());
    let script = script.replace("MARK", marks.path().join("mark").to_str().unwrap()).replace("GOOD", GOOD);
    gate.run(&PLAIN, &["sh", "-c", &script])
}

#[test]
fn a_case_that_fails_in_a_standstill_is_played_again() {
    // The first run measures the client's pace, the second stands still for longer than its deadline and then fails.
    let script = "if mkdir MARK; then exec GOOD; fi; if mkdir MARK.2; then STANDSTILL; exit 3; fi; exec GOOD";
    let ended = judged(script, 7);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn time_of_a_standstill_is_added_to_the_deadline() {
    let ended = judged("if mkdir MARK; then exec GOOD; fi; STANDSTILL; exec GOOD", 7);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn a_machine_that_stands_still_again_and_again_proves_nothing() {
    // More than two seconds always count, however long a deadline is.
    let ended = judged("STANDSTILL; exit 3", 3);
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("not judged on a busy machine"), "{}", ended.out);
    assert!(ended.out.contains("the machine was too busy"), "{}", ended.out);
    assert!(!ended.out.contains("FAIL "), "{}", ended.out);
}
