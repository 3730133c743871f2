//! Told to stop in the middle, the gate writes its reports, ends with the code of the signal, and leaves nothing.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::robustness::gate::Gate;

/// Stops the gate once its subject runs, and expects a report of a run in which nothing was exercised.
fn stopped_by(signal: Signal, code: i32, judge: &str, count: usize) {
    let gate = Gate::new();
    // Somewhere else, since the gate's own folder has to be empty in the end.
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("began");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
    let script = format!("setsid sleep 600 & echo x > {}; sleep 600", pipe.display());
    let report = place.path().join("report.json");
    let to = format!("--report=json={}", report.display());
    let mut command = gate.command(&[judge, "--jobs", "1", &to], &["sh", "-c", &script]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A subject is running once it has written.
    assert_eq!(fs::read_to_string(&pipe).unwrap(), "x\n");
    let id = Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
    let ended = gate.ended(&running.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["exit"], code);
    let outcomes = report["merged"].as_object().unwrap();
    assert!(outcomes.len() >= count && outcomes.values().all(|outcome| outcome == "not_exercised"), "{outcomes:?}");
}

#[test]
fn by_an_interrupt() {
    stopped_by(Signal::INT, 130, "client", 70);
}

#[test]
fn by_a_request_to_end() {
    stopped_by(Signal::TERM, 143, "client", 70);
}

#[test]
fn while_it_waits_for_a_receiver() {
    stopped_by(Signal::TERM, 143, "receiver", 30);
}

/// A process that a client left ends with the gate, however the gate ends.
#[test]
fn by_sigkill_nothing_is_left_either() {
    let gate = Gate::new();
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("began");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
    let script = format!("sleep 600 & echo x > {}; sleep 600", pipe.display());
    let mut command = gate.command(&["client", "--jobs", "1"], &["sh", "-c", &script]);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(fs::read_to_string(&pipe).unwrap(), "x\n");
    running.kill().unwrap();
    running.wait().unwrap();
    // The watchdog is a process of its own, which reports to nobody when it is done.
    let latest = Instant::now() + Duration::from_mins(2);
    while gate.is_anything_left() {
        assert!(Instant::now() < latest, "a client or a sandbox is left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A client that leaves more than can be read in a second does not keep the gate from ending.
#[test]
fn while_it_reads_what_a_client_left() {
    let gate = Gate::new();
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("began");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
    let script = format!("truncate -s 500M a b c d; echo x > {}", pipe.display());
    let mut command = gate.command(&["client", "--jobs", "1"], &["sh", "-c", &script]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(fs::read_to_string(&pipe).unwrap(), "x\n");
    let id = Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    kill_process(id, Signal::TERM).unwrap();
    assert_eq!(running.wait_with_output().unwrap().status.code(), Some(143));
}
