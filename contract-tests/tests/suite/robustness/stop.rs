//! Told to stop in the middle, the gate ends non-zero and leaves nothing.

use std::fs;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::robustness::gate::Gate;

fn stopped_by(signal: Signal) {
    let gate = Gate::new();
    // Somewhere else, since the gate's own folder has to be empty in the end.
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("began");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
    let script = format!("setsid sleep 600 & echo x > {}; sleep 600", pipe.display());
    let mut command = gate.command(&["client", "--jobs", "1"], &["sh", "-c", &script]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A client is running once it has written.
    assert_eq!(fs::read_to_string(&pipe).unwrap(), "x\n");
    let id = Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
    let ended = gate.ended(&running.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.out.as_str()), (Some(4), ""), "{}", ended.err);
    assert!(ended.err.ends_with("crewpass-contract: stopped by a signal\n"), "{}", ended.err);
}

#[test]
fn by_an_interrupt() {
    stopped_by(Signal::INT);
}

#[test]
fn by_a_request_to_end() {
    stopped_by(Signal::TERM);
}
