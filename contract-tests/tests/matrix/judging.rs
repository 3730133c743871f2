//! What each client came to: every obligation over all its cases.

use std::collections::BTreeMap;

use crewpass_contract::client::judge::Judge;
use crewpass_contract::client::plan::Plan;
use crewpass_contract::outcome::{ObligationResult as Judged, Outcome, judged, merged};
use crewpass_contract::requirement::{Catalogue, Grade};

use super::play::Column;

/// The outcome of each obligation that was judged.
pub(crate) type Outcomes = BTreeMap<String, Outcome>;

/// Judges what was played to one client by the obligations of a catalogue.
pub(crate) fn results(column: &Column, catalogue: &Catalogue, judge_of: impl Fn(&str) -> Option<Judge>) -> Vec<Judged> {
    let bare = Plan { cases: Vec::new(), unprovoked: Vec::new(), partial: true };
    judged(&bare, &column.played, catalogue, judge_of)
}

/// The results, merged.
pub(crate) fn outcomes(results: &[Judged]) -> Outcomes {
    let plain = |(id, (_, outcome)): (String, (Grade, Outcome))| (id, outcome);
    merged(results).into_iter().map(plain).collect()
}
