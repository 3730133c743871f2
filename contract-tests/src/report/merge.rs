//! Merges the reports of all shards into one run. Planned results that no shard reported are not
//! exercised.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

use super::entry::Entry;
use super::json::{BadReport, JsonReport};
use super::run::Run;
use crate::client::plan::Plan;
use crate::outcome::{KnownFailures, Outcome, Rules};
use crate::requirement::{Catalogue, Grade};

/// Merges the shards of a plan; `plan` is the complete one.
pub fn merge(
    reports: &[JsonReport],
    plan: &Plan,
    catalogue: &Catalogue,
    known: (&KnownFailures, Date),
    fail_on: Grade,
) -> Result<Run, BadReport> {
    let seed = reports.first().map_or(0, |report| report.seed);
    if let Some(other) = reports.iter().find(|report| report.seed != seed) {
        return Err(BadReport::Seeds(seed, other.seed));
    }
    let mut all: BTreeMap<(String, String), Entry> = BTreeMap::new();
    for report in reports {
        for entry in report.entries(catalogue)? {
            let place = (entry.id.clone(), entry.scenario.clone());
            if all.get(&place).is_none_or(|known| entry.outcome < known.outcome) {
                all.insert(place, entry);
            }
        }
    }
    let judged = plan.cases.iter().filter(|case| !case.control);
    let judged = judged.flat_map(|case| case.judged.iter().map(|id| (id.clone(), case.name())));
    for place in judged.chain(plan.unprovoked.iter().map(|id| (id.clone(), String::new()))) {
        if let (false, Ok(obligation)) = (all.contains_key(&place), catalogue.find(&place.0)) {
            let mut entry = Entry::about(obligation, Outcome::NotExercised, &place.1);
            entry.note = Some("no shard reported it".to_owned());
            all.insert(place, entry);
        }
    }
    let mut entries: Vec<_> = all.into_values().collect();
    let (known, today) = known;
    let rules = Rules { unsupported: &[], known, today, partial: plan.partial };
    let results = rules.apply(entries.iter().map(Entry::to_result).collect());
    for (entry, result) in entries.iter_mut().zip(results).filter(|(entry, result)| entry.outcome != result.outcome) {
        entry.outcome = result.outcome;
        entry.note = result.note;
    }
    let mut run = Run::from_entries(entries, catalogue, seed, fail_on);
    run.deadline = reports.iter().filter_map(|report| report.deadline_s).max().map(Duration::from_secs);
    Ok(run)
}
