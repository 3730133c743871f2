//! The clients to copy do well in every situation that does not ask for what they leave open.

use crate::reference::client::Who;
use crate::reference::plays::unexpected;
use crate::reference::situations;
use crate::support::built;

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
    built::examples();
    play(&["crewpass-documents"]);
}

#[test]
fn rust_of_a_fleet() {
    built::examples();
    play_fleet(&["crewpass-fleet"]);
}
