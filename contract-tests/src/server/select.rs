//! What a caller asks for of the clauses: by id, area or grade, what the options allow, and a shard of all that.

use crate::client::plan::Shard;
use crate::requirement::{Grade, OptIn, Requirement, guess};

/// Why there is nothing to judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Nothing has that name.
    #[error("`{given}` is not a clause or an area{}", .guess.as_deref().map(|guess| format!("; {guess}")).unwrap_or_default())]
    Unknown {
        /// What was given.
        given: String,
        /// What may have been meant.
        guess: Option<String>,
    },
    /// It takes an option.
    #[error("`{given}` is judged only with {}", .option.flag())]
    Option {
        /// What was given.
        given: String,
        /// Which.
        option: OptIn,
    },
    /// The names are known, and nothing is left of them.
    #[error("the selection matches nothing: no clause of that grade was asked for")]
    Empty,
    /// There are fewer clauses than shards.
    #[error("shard {shard} is empty: the selection has {clauses} clauses")]
    EmptyShard {
        /// The shard.
        shard: Shard,
        /// The clauses of all shards.
        clauses: usize,
    },
}

/// What a caller asks for; every clause that needs no option, if nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Clauses by id, and areas: all that any of them names.
    pub only: Vec<String>,
    /// Clauses of this grade and of graver ones.
    pub grade: Option<Grade>,
    /// The options that were given.
    pub allowed: Vec<OptIn>,
    /// A part of the clauses.
    pub shard: Option<Shard>,
}

impl Selection {
    /// Returns the clauses that are judged.
    ///
    /// # Errors
    /// A name that is none, and a selection that nothing is left of.
    pub fn select(&self, all: &[Requirement]) -> Result<Vec<Requirement>, SelectError> {
        let allowed: Vec<_> = all.iter().filter(|clause| self.allows(clause)).collect();
        for given in &self.only {
            if !allowed.iter().any(|clause| clause.is_selected_by(given)) {
                return Err(unknown(given, all));
            }
        }
        let named =
            |clause: &Requirement| self.only.is_empty() || self.only.iter().any(|name| clause.is_selected_by(name));
        let graded = |clause: &Requirement| self.grade.is_none_or(|grade| clause.grade <= grade);
        let chosen: Vec<_> = allowed.into_iter().filter(|clause| named(clause) && graded(clause)).cloned().collect();
        if chosen.is_empty() {
            return Err(SelectError::Empty);
        }
        let Some(shard) = self.shard else { return Ok(chosen) };
        let clauses = chosen.len();
        let part: Vec<_> =
            chosen.into_iter().enumerate().filter(|(place, _)| shard.has(*place)).map(|(_, clause)| clause).collect();
        if part.is_empty() { Err(SelectError::EmptyShard { shard, clauses }) } else { Ok(part) }
    }

    fn allows(&self, clause: &Requirement) -> bool {
        only_with(clause).is_none_or(|option| self.allowed.contains(&option))
    }
}

/// Returns the option without which a clause is not asked for. Without `--posts`, clauses are not exercised instead.
fn only_with(clause: &Requirement) -> Option<OptIn> {
    clause.clause_facts().and_then(|facts| facts.only_with).filter(|option| *option != OptIn::Posts)
}

/// Creates the error for a name that is unknown, or for clauses that need an option.
fn unknown(given: &str, all: &[Requirement]) -> SelectError {
    let given = given.to_owned();
    if let Some(option) = all.iter().find(|clause| clause.is_selected_by(&given)).and_then(only_with) {
        return SelectError::Option { given, option };
    }
    SelectError::Unknown { guess: guess(&given, all), given }
}

#[cfg(test)]
mod tests {
    use super::super::clauses::clauses;
    use super::*;

    fn ids(selection: &Selection) -> Result<Vec<String>, String> {
        let chosen = selection.select(&clauses().unwrap()).map_err(|error| error.to_string())?;
        Ok(chosen.into_iter().map(|clause| clause.id).collect())
    }

    fn only(names: &[&str]) -> Selection {
        Selection { only: names.iter().map(|&name| name.to_owned()).collect(), ..Selection::default() }
    }

    #[test]
    fn names_may_be_ids_and_areas_in_any_case() {
        assert_eq!(ids(&only(&["cps-link-04", "file"])).unwrap()[..2], ["CPS-LINK-04", "CPS-FILE-01"]);
        let error = ids(&only(&["LITS"])).unwrap_err();
        assert_eq!(error, "`LITS` is not a clause or an area; did you mean `LIST`?");
    }

    #[test]
    fn what_takes_an_option_is_judged_with_it_alone() {
        assert!(!ids(&Selection::default()).unwrap().iter().any(|id| id.contains("-ODD-") || id.contains("-RATE-")));
        assert_eq!(ids(&only(&["RATE"])).unwrap_err(), "`RATE` is judged only with --limits");
        let allowed = Selection { allowed: vec![OptIn::Hostile], ..only(&["ODD"]) };
        assert_eq!(ids(&allowed).unwrap().len(), 5);
    }

    #[test]
    fn a_grade_takes_the_graver_ones_too() {
        let must = ids(&Selection { grade: Some(Grade::MUST), ..only(&["FILE"]) }).unwrap();
        let should = ids(&Selection { grade: Some(Grade::SHOULD), ..only(&["FILE"]) }).unwrap();
        assert_eq!((must.as_slice(), should.len()), (&["CPS-FILE-01".to_owned()][..], 2));
        let none = Selection { grade: Some(Grade::MUST), ..only(&["CPS-FILE-03"]) };
        assert!(ids(&none).unwrap_err().starts_with("the selection matches nothing"));
    }

    #[test]
    fn shards_share_the_clauses() {
        let whole = ids(&Selection::default()).unwrap();
        let part = |text: &str| ids(&Selection { shard: Some(text.parse().unwrap()), ..Selection::default() });
        let mut parts: Vec<_> = ["1/3", "2/3", "3/3"].into_iter().flat_map(|shard| part(shard).unwrap()).collect();
        parts.sort_by_key(|id| whole.iter().position(|known| known == id));
        assert_eq!(parts, whole);
        assert!(part("400/400").unwrap_err().starts_with("shard 400/400 is empty"));
    }
}
