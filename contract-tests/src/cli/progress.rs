//! What is told while cases are played: a line for each obligation whose cases are all done.

use std::collections::BTreeMap;

use crewpass_contract::catalogue::Catalogue;
use crewpass_contract::outcome::{Outcome, Result};
use crewpass_contract::plan::Plan;

use super::say::note;

/// How many cases of each obligation are to come, and what the obligation came to so far.
pub(crate) struct Progress<'a> {
    catalogue: &'a Catalogue,
    open: BTreeMap<String, (usize, Outcome)>,
}

impl<'a> Progress<'a> {
    pub(crate) fn of(plan: &Plan, catalogue: &'a Catalogue) -> Self {
        let mut open: BTreeMap<String, (usize, Outcome)> = BTreeMap::new();
        for id in plan.cases.iter().filter(|case| !case.control).flat_map(|case| &case.judged) {
            open.entry(id.clone()).or_insert((0, Outcome::Pass)).0 += 1;
        }
        Self { catalogue, open }
    }

    /// Takes the results of one case, before twins and known failures are considered.
    pub(crate) fn take(&mut self, results: &[Result]) {
        for result in results {
            let Some((left, outcome)) = self.open.get_mut(&result.id) else { continue };
            *left = left.saturating_sub(1);
            *outcome = (*outcome).min(result.outcome);
            if *left == 0 {
                let title = self.catalogue.find(&result.id).map_or("", |known| &known.title);
                note(&format!("{:<14} {:<13} {title}\n", outcome.name(), result.id));
            }
        }
    }
}
