//! The kill matrix: the gate, tested with clients that are wrong in one way each.
//!
//! The reference client must keep everything; each of its variants must be caught by the obligations that its row
//! names, and by no other. It is played once, and judged again and again: also with each judge removed, which must be
//! noticed. `make kill-matrix` prints the table; with `KILL_MATRIX=full` every variant meets every scenario.
//!
//! It is a binary alone: it uses every core, and adopts orphans, which is a state of the whole process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod choice;
mod demands;
mod judging;

mod play;
mod table;
mod took;
mod variant;

use std::sync::OnceLock;

use crewpass_contract::client::judge::{Judge, Verdict, judge_of};
use crewpass_contract::client::run::HarnessError;
use crewpass_contract::requirement::Catalogue;

use demands::Demands;
use play::Matrix;

/// The obligations, read once.
fn catalogue() -> &'static Catalogue {
    static READ: OnceLock<Catalogue> = OnceLock::new();
    READ.get_or_init(|| Catalogue::built_in().unwrap())
}

/// What was played, once for all tests.
fn played() -> &'static Matrix {
    // An error is kept, too: what was stopped for one test is not begun again for the next.
    static PLAYED: OnceLock<Result<Matrix, HarnessError>> = OnceLock::new();
    PLAYED.get_or_init(play::play).as_ref().unwrap()
}

/// What was played, as the gate judges it.
fn judged() -> &'static Demands {
    static JUDGED: OnceLock<Demands> = OnceLock::new();
    JUDGED.get_or_init(|| Demands::new(played(), catalogue(), judge_of))
}

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_reference_client_keeps_everything() {
    none(&judged().of_reference());
}

#[test]
fn each_variant_is_caught_by_what_its_row_names_and_by_nothing_else() {
    // The table follows: before the problems it would hide them in the log of a pipeline.
    none(&judged().of_variants());
    println!("{}", table::written(played(), judged()));
}

#[test]
fn each_must_and_should_kills_a_variant_alone_or_is_implied_by_another() {
    none(&demands::idle(played(), catalogue()));
}

#[test]
fn each_obligation_about_one_person_is_kept_and_catches_a_variant_in_the_task_fleet() {
    none(&demands::missed_on_fleet(played(), catalogue()));
}

const KEPT: Judge = |_| Verdict::Pass(None);
const NEVER_MET: Judge = |_| Verdict::NotExercised("its judge was removed".to_owned());

#[test]
fn no_judge_can_be_removed_unnoticed() {
    assert!(judged().is_met(), "what is red already can't become so");
    let mut unnoticed = Vec::new();
    for known in catalogue().obligations() {
        for (how, instead) in [("always passes", KEPT), ("is never exercised", NEVER_MET)] {
            if judged().with(played(), known, instead).is_met() {
                unnoticed.push(format!("{} {how}, and nothing goes red", known.id));
            }
        }
    }
    none(&unnoticed);
}
