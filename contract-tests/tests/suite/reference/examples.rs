//! The clients to copy do well in every situation that does not ask for what they leave open.

use std::path::Path;
use std::process::Command;

use crate::reference::client::Who;
use crate::reference::plays::unexpected;
use crate::reference::situations;

/// Scenes that ask for a choice of the reference client's: plain names, and little memory.
const CHOICES: [&str; 2] = ["each under its own name", "a large file"];

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

/// Builds the examples in Rust, which no test depends on.
fn build() {
    let built = Command::new(env!("CARGO"))
        // The whole workspace is named, so that no dependency is built again with other features.
        .args(["build", "--quiet", "--workspace", "--bins", "--examples", "--target-dir"])
        .arg(Path::new(env!("REFERENCE_CLIENT")).ancestors().nth(2).unwrap())
        .status();
    assert!(built.unwrap().success());
}

#[test]
fn python() {
    play(&["python3", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/python/crewpass_documents.py")]);
}

#[test]
fn python_of_a_fleet() {
    play_fleet(&["python3", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/python/crewpass_fleet.py")]);
}

#[test]
fn typescript() {
    play(&["node", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/typescript/crewpass-documents.mjs")]);
}

#[test]
fn typescript_of_a_fleet() {
    play_fleet(&["node", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/typescript/crewpass-fleet.mjs")]);
}

#[test]
fn rust() {
    build();
    play(&["crewpass-documents"]);
}

#[test]
fn rust_of_a_fleet() {
    build();
    play_fleet(&["crewpass-fleet"]);
}
