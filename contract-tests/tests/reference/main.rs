//! The reference client is right, and each of its variants is wrong where it says: every scene is played with the good
//! client, which must do well, and with the variants that it is there for, which must not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod scenes;
mod stage;

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;

use scenes::Scene;

/// Plays scenes side by side, since some of them wait.
fn play(scenes: &[Scene]) {
    thread::scope(|scope| {
        let parts = scenes.iter().flat_map(|scene| {
            let good = [(scene, None)];
            good.into_iter().chain(scene.bugs.iter().map(move |bug| (scene, Some(*bug))))
        });
        let parts: Vec<_> = parts.map(|(scene, bug)| (scene, bug, scope.spawn(move || (scene.play)(bug)))).collect();
        for (scene, bug, part) in parts {
            let right = part.join().unwrap();
            assert_eq!(right, bug.is_none(), "{}: {}", scene.title, bug.unwrap_or("the good client"));
        }
    });
}

#[test]
fn the_key_stays_where_it_belongs() {
    play(scenes::key::SCENES);
}

#[test]
fn the_list_is_read_as_it_is() {
    play(scenes::list::SCENES);
}

#[test]
fn links_are_followed_once_and_as_given() {
    play(scenes::link::SCENES);
}

#[test]
fn files_are_whole_or_not_there() {
    play(scenes::file::SCENES);
}

#[test]
fn names_stay_in_the_folder_and_apart() {
    play(scenes::name::SCENES);
}

#[test]
fn refusals_are_told_apart() {
    play(scenes::refusal::SCENES);
}

#[test]
fn what_passes_is_tried_again() {
    play(scenes::retry::SCENES);
}

#[test]
fn the_outcome_is_the_truth() {
    play(scenes::outcome::SCENES);
}

#[test]
fn every_variant_has_a_scene() {
    let output = Command::new(env!("CARGO_BIN_EXE_crewpass-reference-client")).arg("--list-bugs").output().unwrap();
    let table: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let listed: BTreeSet<_> = table.iter().map(|variant| variant["name"].as_str().unwrap()).collect();
    assert_eq!(listed.len(), table.len(), "a name is given twice");
    let played = scenes::all().flat_map(|scene| scene.bugs).copied().collect();
    assert_eq!(listed, played);
}
