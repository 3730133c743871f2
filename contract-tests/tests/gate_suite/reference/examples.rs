//! The clients to copy do well in every situation that does not ask for what they leave open.

use std::path::Path;
use std::process::Command;

use crate::reference::client::{KEY, Who};
use crate::reference::plays::unexpected;
use crate::reference::situations;
use crate::support::built;

/// Scenes that ask for a choice of the reference client's: plain names, and little memory.
const CHOICES: [&str; 2] = ["each under its own name", "a large file"];

const PYTHON: &[&str] =
    &["python3", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/python/crewpass_documents.py")];
const PYTHON_FLEET: &[&str] =
    &["python3", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/python/crewpass_fleet.py")];
const TYPESCRIPT: &[&str] =
    &["node", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/typescript/crewpass-documents.mjs")];
const TYPESCRIPT_FLEET: &[&str] =
    &["node", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/typescript/crewpass-fleet.mjs")];
const RUST: &[&str] = &["crewpass-documents"];
const RUST_FLEET: &[&str] = &["crewpass-fleet"];

fn play(command: &'static [&'static str]) {
    let situations = situations::documents_of_one().filter(|situation| !CHOICES.contains(&situation.title));
    let parts: Vec<_> = situations.map(|situation| (situation, Who::Example(command))).collect();
    assert_eq!(parts.len(), situations::documents_of_one().count() - CHOICES.len());
    assert_eq!(unexpected(&parts, |_| true), Vec::<String>::new());
}

fn play_fleet(command: &'static [&'static str]) {
    let parts: Vec<_> = situations::fleet::SITUATIONS.iter().map(|one| (one, Who::Example(command))).collect();
    assert_eq!(unexpected(&parts, |_| true), Vec::<String>::new());
}

#[test]
fn python() {
    play(PYTHON);
}

#[test]
fn python_of_a_fleet() {
    play_fleet(PYTHON_FLEET);
}

#[test]
fn typescript() {
    play(TYPESCRIPT);
}

#[test]
fn typescript_of_a_fleet() {
    play_fleet(TYPESCRIPT_FLEET);
}

#[test]
fn rust() {
    built::examples();
    play(RUST);
}

#[test]
fn rust_of_a_fleet() {
    built::examples();
    play_fleet(RUST_FLEET);
}

#[test]
fn each_says_which_variable_is_not_set() {
    let programs = built::examples();
    for client in [PYTHON, PYTHON_FLEET, TYPESCRIPT, TYPESCRIPT_FLEET, RUST, RUST_FLEET] {
        let (program, arguments) = client.split_first().unwrap();
        let own = programs.join(program);
        for unset in ["BASE", "CPK_KEY"] {
            let mut command = Command::new(if own.exists() { own.as_path() } else { Path::new(program) });
            command.args(arguments).args(["crew_001", "/nowhere"]).env("OUT_DIR", "/nowhere");
            command.env("BASE", "http://127.0.0.1:1").env("CPK_KEY", KEY).env_remove(unset);
            let ended = command.output().unwrap();
            assert!(ended.status.code().is_some_and(|code| code > 0), "{program} {arguments:?}");
            assert_eq!(
                String::from_utf8_lossy(&ended.stderr),
                format!("{unset} is not set\n"),
                "{program} {arguments:?}"
            );
        }
    }
}
