//! What the matrix must show, and how it falls short of it.

use std::collections::{BTreeMap, BTreeSet};

use crewpass_contract::client::judge::{Judge, judge_of};
use crewpass_contract::client::task::Task;
use crewpass_contract::outcome::{ObligationResult, Outcome};
use crewpass_contract::requirement::{Catalogue, Grade, Requirement};

use super::catalogue;
use super::judging::{Outcomes, outcomes, results};
use super::play::{Column, Matrix};
use super::variant::Variant;

/// Those that ask nothing: no obligation is put to them, which is never green either.
const NEVER_BEGIN: &[&str] = &["refuses-everything", "does-nothing", "crashes-at-once"];

/// The obligation by which a twin passes: a judge that others rest on.
const OF_TWINS: &str = "CPK-OUT-01";

/// What every client came to.
#[derive(Clone, Debug)]
pub(crate) struct Demands {
    pub(crate) reference: Outcomes,
    pub(crate) variants: Vec<(Variant, Outcomes)>,
    /// Where each obligation failed or was not met, for whoever has to look into it.
    places: Vec<BTreeSet<(String, Outcome, String)>>,
}

impl Demands {
    /// Judges everything that was played.
    pub(crate) fn new(matrix: &Matrix, catalogue: &Catalogue, judge_of: impl Fn(&str) -> Option<Judge>) -> Self {
        let mut places = Vec::new();
        let mut judge = |column: &Column| {
            let results = results(column, catalogue, &judge_of);
            let odd = results.iter().filter(|result| result.outcome != Outcome::Pass);
            places.push(odd.map(|odd| (odd.id.clone(), odd.outcome, explanation(odd))).collect());
            outcomes(&results)
        };
        let reference = judge(&matrix.reference);
        let variants = matrix.variants.iter().map(|column| (column.variant.clone().unwrap(), judge(column))).collect();
        Self { reference, variants, places }
    }

    /// The same with another judge for one obligation.
    pub(crate) fn with(&self, matrix: &Matrix, known: &Requirement, instead: Judge) -> Self {
        let alone = Catalogue::new(vec![known.clone()]);
        let touched = if known.id == OF_TWINS { catalogue() } else { &alone };
        let new = Self::new(matrix, touched, |id| if id == known.id { Some(instead) } else { judge_of(id) });
        let mut whole = self.clone();
        whole.reference.extend(new.reference);
        for ((_, old), (_, new)) in whole.variants.iter_mut().zip(new.variants) {
            old.extend(new);
        }
        whole
    }

    /// Whether nothing falls short.
    pub(crate) fn is_met(&self) -> bool {
        self.of_reference().is_empty() && self.of_variants().is_empty()
    }

    /// The good client keeps everything, and everything was put to it.
    pub(crate) fn of_reference(&self) -> Vec<String> {
        let wrong = catalogue().obligations().iter().filter_map(|known| {
            let came_to = self.reference.get(&known.id).copied();
            (came_to != Some(Outcome::Pass))
                .then(|| format!("the good client: {} is {}{}", known.id, name(came_to), self.where_(0, &known.id)))
        });
        wrong.collect()
    }

    /// Each variant fails all that must catch it, and nothing that its row does not name.
    pub(crate) fn of_variants(&self) -> Vec<String> {
        let variants = self.variants.iter().enumerate();
        let problem = |place: usize, variant: &Variant, (id, wrong): (String, String)| {
            format!("{}: {id} is {wrong}{}", variant.name, self.where_(place + 1, &id))
        };
        variants
            .flat_map(|(place, (variant, outcomes))| {
                wrong_outcomes(variant, outcomes).into_iter().map(move |wrong| problem(place, variant, wrong))
            })
            .collect()
    }

    fn where_(&self, column: usize, id: &str) -> String {
        let Some(places) = self.places.get(column) else { return String::new() };
        let gravest = places.iter().filter(|(known, ..)| known == id).map(|(_, outcome, _)| *outcome).min();
        let there = places.iter().filter(|(known, outcome, _)| known == id && Some(*outcome) == gravest);
        there.take(2).flat_map(|(_, _, text)| ["\n    ", text]).collect()
    }
}

/// Returns what a variant comes to and should not, each obligation with what is wrong about it.
fn wrong_outcomes(variant: &Variant, outcomes: &Outcomes) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for id in &variant.caught_by {
        let came_to = outcomes.get(id).copied();
        let unmet = came_to == Some(Outcome::NotExercised) && NEVER_BEGIN.contains(&variant.name.as_str());
        // The client unpacks a gibibyte, for which a busy machine has no time; a MAY needs to catch nothing.
        let is_busy = came_to == Some(Outcome::NotJudged) && is_may(id);
        if came_to != Some(Outcome::Fail) && !unmet && !is_busy {
            wrong.push((id.clone(), format!("{} instead of fail", name(came_to))));
        }
    }
    let others = outcomes.iter().filter(|(id, outcome)| !variant.allows(id) && outcome.is_problem());
    wrong.extend(others.map(|(id, outcome)| (id.clone(), format!("{} too", outcome.name()))));
    wrong
}

/// Whether a client falls short of what it must show.
pub(crate) fn falls_short(column: &Column) -> bool {
    let results = results(column, catalogue(), judge_of);
    let (outcomes, on_fleet) = (outcomes(&results), on_fleet(results));
    let is_wrong_on_fleet = |known: &&Requirement| match &column.variant {
        None => !on_fleet.contains(&(known.id.clone(), Outcome::Pass)),
        Some(_) => column.stands_for.contains(&known.id) && !on_fleet.contains(&(known.id.clone(), Outcome::Fail)),
    };
    let is_wrong = match &column.variant {
        None => catalogue().obligations().iter().any(|known| outcomes.get(&known.id) != Some(&Outcome::Pass)),
        Some(variant) => !wrong_outcomes(variant, &outcomes).is_empty(),
    };
    is_wrong || of_both_tasks().any(|known| is_wrong_on_fleet(&known))
}

/// Returns the obligations that are judged in both tasks.
fn of_both_tasks() -> impl Iterator<Item = &'static Requirement> {
    catalogue().obligations().iter().filter(|known| known.tasks == Task::ALL)
}

/// Returns what came of a client on a fleet.
fn on_fleet(results: Vec<ObligationResult>) -> BTreeSet<(String, Outcome)> {
    let of_fleet = results.into_iter().filter(|result| result.scenario.starts_with("fleet/"));
    of_fleet.map(|result| (result.id, result.outcome)).collect()
}

fn explanation(result: &ObligationResult) -> String {
    let found = result.findings.first().map(|found| format!("{}, not {}", found.observed, found.expected));
    let why = found.or_else(|| result.note.clone()).unwrap_or_default();
    format!("in {}: {why}", result.scenario)
}

fn name(outcome: Option<Outcome>) -> &'static str {
    outcome.map_or("not judged", Outcome::name)
}

/// The MUSTs and SHOULDs without which every variant would be caught all the same, although nothing implies them.
pub(crate) fn idle(matrix: &Matrix, catalogue: &Catalogue) -> Vec<String> {
    let sole: BTreeSet<&str> = matrix
        .variants
        .iter()
        .filter_map(|column| match column.variant.as_ref()?.caught_by.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        })
        .collect();
    let idle = catalogue
        .obligations()
        .iter()
        .filter(|known| known.grade != Grade::MAY && is_implied_by_none(known) && !sole.contains(known.id.as_str()));
    idle.map(|known| format!("{} alone kills no variant, and nothing implies it", known.id)).collect()
}

/// Returns the obligations of both tasks that the good client does not keep in the task `fleet`, or that do not catch there
/// the variant that stands for them.
pub(crate) fn missed_on_fleet(matrix: &Matrix, catalogue: &Catalogue) -> Vec<String> {
    let variants = Variant::all();
    let standing = Variant::for_each_obligation(&variants);
    let came_to = |column: &Column| on_fleet(results(column, catalogue, judge_of));
    let reference = came_to(&matrix.reference);
    let played = matrix.variants.iter().filter_map(|column| Some((&*column.variant.as_ref()?.name, came_to(column))));
    let played: BTreeMap<&str, _> = played.collect();
    let mut missed = Vec::new();
    for known in of_both_tasks() {
        if !reference.contains(&(known.id.clone(), Outcome::Pass)) {
            missed.push(format!("{}: the good client does not show it on a fleet", known.id));
        }
        let name = standing.get(&*known.id).copied().unwrap_or_default();
        let is_caught = |outcomes: &BTreeSet<_>| outcomes.contains(&(known.id.clone(), Outcome::Fail));
        if !played.get(name).is_some_and(is_caught) {
            missed.push(format!("{}: it does not catch `{name}` on a fleet", known.id));
        }
    }
    missed
}

fn is_implied_by_none(known: &Requirement) -> bool {
    known.obligation().is_some_and(|facts| facts.implied_by.is_empty())
}

fn is_may(id: &str) -> bool {
    catalogue().obligations().iter().any(|known| known.id == id && known.grade.name() == "MAY")
}
