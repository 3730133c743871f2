//! The table: a line for each obligation, with the variants that it kills.

use std::fmt::Write;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Catalogue;

use super::demands::Demands;
use super::play::Matrix;

/// The table as text. `*` stands before a variant that nothing else catches.
pub(crate) fn written(matrix: &Matrix, demands: &Demands) -> String {
    let mut text = String::new();
    for known in Catalogue::built_in().unwrap().obligations() {
        let killed = demands.variants.iter().filter(|(_, outcomes)| outcomes.get(&known.id) == Some(&Outcome::Fail));
        let killed = killed.map(|(variant, outcomes)| {
            let alone = outcomes.values().filter(|outcome| **outcome == Outcome::Fail).count() == 1;
            format!("{}{}", if alone { "*" } else { "" }, variant.name)
        });
        let _ = writeln!(text, "{:12} {:6} {}", known.id, known.grade.name(), killed.collect::<Vec<_>>().join(" "));
    }
    let cases: usize = matrix.variants.iter().map(|column| column.played.len()).sum();
    let (reference, variants) = matrix.whole;
    let _ = writeln!(
        text,
        "\nthe good client: {} cases in {:.1} s; {} variants: {cases} cases in {:.1} s; the slowest cases:",
        matrix.reference.played.len(),
        reference.as_secs_f64(),
        matrix.variants.len(),
        variants.as_secs_f64(),
    );
    for (name, took) in matrix.took.slowest(12) {
        let _ = writeln!(text, "  {:5.1} s  {name}", took.as_secs_f64());
    }
    text
}
