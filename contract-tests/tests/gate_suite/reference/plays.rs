//! The reference client is right, and each of its variants is wrong where it says: every situation is played with the good
//! client, which must do well, and with the variants that it is there for, which must not.

use std::collections::BTreeSet;
use std::iter;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::client::Who;
use super::situations;
use super::situations::Situation;

/// Parts that are played at once: many of them wait, but each is a process.
const AT_ONCE: usize = 8;

/// Plays situations side by side, each with its client; gives those that went otherwise than `wanted`.
pub(crate) fn unexpected(parts: &[(&'static Situation, Who)], wanted: impl Fn(Who) -> bool + Sync) -> Vec<String> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((situation, who)) = parts.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if (situation.play)(*who) != wanted(*who) {
                        found.lock().unwrap().push(format!("{}: {who:?}", situation.title));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// The good client does well in these situations, and the variants that they are there for do not.
fn play(situations: &'static [Situation]) {
    let parts: Vec<_> = situations
        .iter()
        .flat_map(|situation| {
            let variants = situation.bugs.iter().map(|bug| Who::Variant(bug));
            iter::once(Who::Good).chain(variants).map(move |who| (situation, who))
        })
        .collect();
    assert_eq!(unexpected(&parts, |who| matches!(who, Who::Good)), Vec::<String>::new());
}

#[test]
fn the_key_stays_where_it_belongs() {
    play(situations::key::SITUATIONS);
}

#[test]
fn the_list_is_read_as_it_is() {
    play(situations::list::SITUATIONS);
}

#[test]
fn links_are_followed_once_and_as_given() {
    play(situations::link::SITUATIONS);
}

#[test]
fn files_are_whole_or_not_there() {
    play(situations::file::SITUATIONS);
}

#[test]
fn names_stay_in_the_folder_and_apart() {
    play(situations::name::SITUATIONS);
}

#[test]
fn refusals_are_told_apart() {
    play(situations::refusal::SITUATIONS);
}

#[test]
fn what_breaks_off_is_resumed_and_silence_is_given_up() {
    play(situations::resume::SITUATIONS);
}

#[test]
fn what_passes_is_tried_again() {
    play(situations::retry::SITUATIONS);
}

#[test]
fn a_fleet_is_walked_once_and_to_its_end() {
    play(situations::fleet::SITUATIONS);
}

#[test]
fn the_outcome_is_the_truth() {
    play(situations::outcome::SITUATIONS);
}

#[test]
fn every_variant_has_a_situation() {
    let output = Command::new(env!("REFERENCE_CLIENT")).arg("--list-bugs").output().unwrap();
    let table: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let listed: BTreeSet<_> = table.iter().map(|variant| variant["name"].as_str().unwrap()).collect();
    assert_eq!(listed.len(), table.len(), "a name is given twice");
    let played = situations::all().flat_map(|situation| situation.bugs).copied().collect();
    assert_eq!(listed, played);
}

/// A variant that can't even read an empty list would be caught by anything, and prove nothing.
#[test]
fn variants_are_wrong_in_one_way_only() {
    const HOPELESS: [&str; 5] =
        ["refuses-everything", "does-nothing", "crashes-at-once", "forks-and-exits", "tries-v1-first"];
    let easy = situations::list::SITUATIONS.iter().find(|situation| situation.title == "no documents").unwrap();
    let variants = situations::all().flat_map(|situation| situation.bugs).filter(|bug| !HOPELESS.contains(bug));
    let parts: Vec<_> = variants.filter(|bug| !easy.bugs.contains(bug)).map(|bug| (easy, Who::Variant(bug))).collect();
    assert_eq!(unexpected(&parts, |_| true), Vec::<String>::new());
}
