//! `observe`: somebody else drives a client at what is printed, and only the wire is judged.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// Serves the plain scenario, drives the reference client at it if told to, and gives the code and all that was said.
fn observe(drives: bool, bug: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut gate = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    gate.current_dir(folder.path()).args(["observe", "--for", if drives { "6s" } else { "100ms" }]);
    let mut gate = gate.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut output = BufReader::new(gate.stdout.take().unwrap());
    let (mut title, mut line, mut rest) = (String::new(), String::new(), String::new());
    output.read_line(&mut title).unwrap();
    output.read_line(&mut line).unwrap();
    if drives {
        let variables = line.split_whitespace().filter_map(|pair| pair.split_once('='));
        let mut client = Command::new(env!("REFERENCE_CLIENT"));
        client.args(bug).envs(variables).env("OUT_DIR", folder.path().join("out"));
        assert!(client.output().unwrap().status.success());
    }
    output.read_to_string(&mut rest).unwrap();
    (gate.wait().unwrap().code(), rest)
}

#[test]
fn what_does_not_show_on_the_wire_is_never_passed() {
    let (code, output) = observe(true, &[]);
    assert_eq!(code, Some(3), "{output}");
    assert!(output.contains("not_observable") || output.contains("not observable"), "{output}");
}

#[test]
fn what_shows_is_judged() {
    let (code, output) = observe(true, &["--bug", "key-in-query"]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("FAIL CPK-AUTH-07"), "{output}");
}

#[test]
fn nobody_at_all_is_no_success() {
    assert_eq!(observe(false, &[]).0, Some(3));
}
