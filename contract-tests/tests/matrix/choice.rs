//! Which cases a variant meets: those that provoke what its row names, their control twins, and a tenth of the rest.

use crewpass_contract::plan::PlannedCase;
use sha2::{Digest, Sha256};

use super::variant::Variant;

/// One case in so many of the rest.
const OF_THE_REST: u8 = 10;

/// The cases that a variant meets.
pub(crate) fn cases_for(variant: &Variant, every: &[PlannedCase], full: bool) -> Vec<PlannedCase> {
    let provokes = |case: &PlannedCase| variant.named().any(|id| case.scenario.provokes.contains(id));
    let mut chosen: Vec<bool> = every.iter().map(|case| full || provokes(case) || by_lot(variant, case)).collect();
    let twins: Vec<String> = every
        .iter()
        .zip(&chosen)
        .filter(|(_, chosen)| **chosen)
        .filter_map(|(case, _)| case.scenario.twin.clone())
        .collect();
    for (case, chosen) in every.iter().zip(&mut chosen) {
        *chosen |= twins.contains(&case.scenario.id);
    }
    every.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(case, _)| case.clone()).collect()
}

/// The lot of a case is the variant's own and the same in every run.
fn by_lot(variant: &Variant, case: &PlannedCase) -> bool {
    let lot = Sha256::digest(format!("{} {}", variant.name, case.name()));
    lot[0] % OF_THE_REST == 0
}
