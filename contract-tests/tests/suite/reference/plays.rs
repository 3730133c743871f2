//! The reference client is right, and each of its variants is wrong where it says: every scene is played with the good
//! client, which must do well, and with the variants that it is there for, which must not.

use std::collections::BTreeSet;
use std::iter;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::client::Who;
use super::scenes;
use super::scenes::Scene;

/// Parts that are played at once: many of them wait, but each is a process.
const AT_ONCE: usize = 8;

/// Plays scenes side by side, each with its client; gives those that went otherwise than `wanted`.
pub(crate) fn unexpected(parts: &[(&'static Scene, Who)], wanted: impl Fn(Who) -> bool + Sync) -> Vec<String> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((scene, who)) = parts.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if (scene.play)(*who) != wanted(*who) {
                        found.lock().unwrap().push(format!("{}: {who:?}", scene.title));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// The good client does well in these scenes, and the variants that they are there for do not.
fn play(scenes: &'static [Scene]) {
    let parts: Vec<_> = scenes
        .iter()
        .flat_map(|scene| {
            let variants = scene.bugs.iter().map(|bug| Who::Variant(bug));
            iter::once(Who::Good).chain(variants).map(move |who| (scene, who))
        })
        .collect();
    assert_eq!(unexpected(&parts, |who| matches!(who, Who::Good)), Vec::<String>::new());
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

/// A variant that can't even read an empty list would be caught by anything, and prove nothing.
#[test]
fn variants_are_wrong_in_one_way_only() {
    const HOPELESS: [&str; 5] =
        ["refuses-everything", "does-nothing", "crashes-at-once", "forks-and-exits", "tries-v1-first"];
    let easy = scenes::list::SCENES.iter().find(|scene| scene.title == "no documents").unwrap();
    let variants = scenes::all().flat_map(|scene| scene.bugs).filter(|bug| !HOPELESS.contains(bug));
    let parts: Vec<_> = variants.filter(|bug| !easy.bugs.contains(bug)).map(|bug| (easy, Who::Variant(bug))).collect();
    assert_eq!(unexpected(&parts, |_| true), Vec::<String>::new());
}
