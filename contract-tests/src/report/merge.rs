//! Merges the reports of all shards into one run. Planned results that no shard reported are not
//! exercised.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

use super::entry::Entry;
use super::json::{BadReport, JsonReport};
use super::run::Run;
use crate::client::plan::{Plan, PlannedCase, Shard};
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
    check_shards(reports)?;
    let mut all: BTreeMap<(String, String), Entry> = BTreeMap::new();
    for report in reports {
        for entry in report.entries(catalogue)? {
            let place = (entry.id.clone(), entry.scenario.clone());
            if all.get(&place).is_none_or(|known| entry.outcome < known.outcome) {
                all.insert(place, entry);
            }
        }
    }
    let planned = |place: &(String, String)| {
        let is_judged = |case: &&PlannedCase| !case.control && case.judged.contains(&place.0);
        plan.unprovoked.contains(&place.0) || plan.cases.iter().filter(is_judged).any(|case| case.name() == place.1)
    };
    if plan.partial {
        all.retain(|place, _| planned(place));
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

/// Checks that the parts of a run are all there, each once. What names no part is a whole run.
fn check_shards(reports: &[JsonReport]) -> Result<(), BadReport> {
    let parse = |text: &String| text.parse::<Shard>().map_err(|_| BadReport::Shards(format!("`{text}` is not a part")));
    let shards = reports.iter().filter_map(|report| report.shard.as_ref()).map(parse).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = shards.first() else { return Ok(()) };
    if let Some(other) = shards.iter().find(|shard| shard.count() != first.count()) {
        return Err(BadReport::Shards(format!("one is {first}, another {other}")));
    }
    if shards.len() < reports.len() {
        return Err(BadReport::Shards(format!("one is {first}, another is a whole run")));
    }
    for wanted in first.all() {
        match shards.iter().filter(|shard| **shard == wanted).count() {
            1 => {}
            0 => return Err(BadReport::Shards(format!("shard {wanted} is missing"))),
            count => return Err(BadReport::Shards(format!("shard {wanted} is given {count} times"))),
        }
    }
    Ok(())
}
