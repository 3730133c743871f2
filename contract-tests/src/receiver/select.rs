//! The selection of obligations, and the scenarios that they need.

use super::check::rows;
use super::scenario::Scenario;
use crate::requirement::{Grade, Requirement, guess};

/// Returns the obligations of at least a grade that any of the names selects; all without a name.
///
/// # Errors
/// A name that none has, or a selection that matches nothing.
pub fn select(all: &[Requirement], only: &[String], grade: Option<Grade>) -> Result<Vec<Requirement>, String> {
    if let Some(given) = only.iter().find(|name| !all.iter().any(|known| known.is_selected_by(name))) {
        let guess = guess(given, all);
        let guess = guess.map(|guess| format!("; {guess}")).unwrap_or_default();
        return Err(format!("`{given}` is not an obligation of a receiver{guess}"));
    }
    let named = |known: &Requirement| only.is_empty() || only.iter().any(|name| known.is_selected_by(name));
    let graded = |known: &Requirement| grade.is_none_or(|grade| known.grade <= grade);
    let chosen: Vec<_> = all.iter().filter(|known| named(known) && graded(known)).cloned().collect();
    if chosen.is_empty() { Err("the selection matches nothing".to_owned()) } else { Ok(chosen) }
}

/// Returns true if an obligation can be judged only with a receiver that the gate starts: it is about its start, its
/// end, its output, or its downloads in another world.
pub fn needs_start(known: &Requirement) -> bool {
    let scenarios = rows().find(|row| row.id == known.id).map(|row| row.scenarios);
    scenarios.is_none_or(|scenarios| scenarios.iter().any(|scenario| scenario.needs_start()))
}

/// Returns the scenarios that provoke any of the obligations, in order.
pub fn scenarios_of(wanted: &[Requirement]) -> Vec<Scenario> {
    let provoked = |known: &Requirement| rows().find(|row| row.id == known.id).map_or(&[][..], |row| row.scenarios);
    let mut scenarios: Vec<Scenario> = wanted.iter().flat_map(|known| provoked(known).iter().copied()).collect();
    scenarios.sort();
    scenarios.dedup();
    scenarios
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Catalogue;

    fn chosen(only: &[&str], grade: Option<Grade>) -> Result<Vec<Requirement>, String> {
        let only: Vec<_> = only.iter().map(|&name| name.to_owned()).collect();
        select(Catalogue::of_receiver().unwrap().obligations(), &only, grade)
    }

    #[test]
    fn names_and_grades_select_and_a_wrong_name_brings_a_guess() {
        let ids: Vec<_> =
            chosen(&["hook-05", "CPK-HOOK-01"], None).unwrap().into_iter().map(|known| known.id).collect();
        assert_eq!(ids, ["CPK-HOOK-01", "CPK-HOOK-05"]);
        assert!(chosen(&["hook-05"], Some(Grade::MUST)).is_err());
        assert!(chosen(&["CPK-HOKO-05"], None).unwrap_err().contains("did you mean"));
    }

    #[test]
    fn only_the_scenarios_that_are_needed_are_played() {
        assert_eq!(scenarios_of(&chosen(&["HOOK-02"], None).unwrap()), [Scenario::Signatures]);
        assert_eq!(scenarios_of(&chosen(&[], None).unwrap()), Scenario::ALL);
    }
}
