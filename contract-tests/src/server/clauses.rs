//! The clauses that a server is held to, as data; to reports they are obligations like those of a client.

use crewpass_diagnostics::{Problem, read_yaml};
use serde::Deserialize;

use crate::requirement::{Catalogue, Grade, Obligation, Source};

const BUILT_IN: &str = include_str!("../../fixtures/contract/server-clauses.yaml");

/// One clause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Such as `CPS-LIST-01`.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// MUST for G and P, SHOULD for H, OBSERVED for D.
    pub grade: Grade,
    /// Where it comes from.
    pub source: Source,
    /// What it says.
    pub clause: String,
    /// Where it says so.
    #[serde(rename = "where")]
    pub place: String,
    /// What an expectation must say for it to be exercised.
    pub needs: String,
    /// The option without which it is not asked for.
    #[serde(default)]
    pub only_with: Option<OptIn>,
}

/// What a tester has to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptIn {
    /// Requests that no good client sends.
    Hostile,
    /// A burst.
    Limits,
}

impl OptIn {
    /// As it stands on a command line.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Hostile => "--hostile",
            Self::Limits => "--limits",
        }
    }
}

impl Clause {
    /// Its area: `LIST` of `CPS-LIST-01`.
    pub fn area(&self) -> &str {
        self.id.split('-').nth(1).unwrap_or_default()
    }

    /// What the gate must be told for it to count.
    fn counts_when(&self) -> String {
        let option = self.only_with.map(|option| format!(", with {}", option.flag())).unwrap_or_default();
        format!("the gate has {}{option}", self.needs)
    }

    /// As reports take it.
    fn obligation(&self) -> Obligation {
        Obligation {
            id: self.id.clone(),
            grade: self.grade,
            source: self.source,
            clause: self.clause.clone(),
            place: self.place.clone(),
            title: self.title.clone(),
            provoked_by: String::new(),
            exercised_when: self.counts_when(),
            kept_when: self.clause.clone(),
            advice: String::new(),
            policies: Vec::new(),
            implied_by: Vec::new(),
            everywhere: false,
            since: 1,
        }
    }
}

/// The built-in clauses, in order.
pub fn clauses() -> Result<Vec<Clause>, Problem> {
    read_yaml("server-clauses.yaml", BUILT_IN)
}

/// The clauses as a catalogue.
pub fn catalogue(clauses: &[Clause]) -> Catalogue {
    Catalogue::of(clauses.iter().map(Clause::obligation).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_follows_from_its_source_and_ids_are_in_order() {
        let clauses = clauses().unwrap();
        for clause in &clauses {
            let grade = match clause.source {
                Source::G | Source::P => Grade::MUST,
                Source::H => Grade::SHOULD,
                Source::D => Grade::OBSERVED,
            };
            assert_eq!(clause.grade, grade, "{}", clause.id);
        }
        let areas = catalogue(&clauses);
        let mut expected = Vec::new();
        for area in areas.areas() {
            let count = clauses.iter().filter(|clause| clause.id.split('-').nth(1) == Some(area)).count();
            expected.extend((1..=count).map(|n| format!("CPS-{area}-{n:02}")));
        }
        assert_eq!(clauses.iter().map(|clause| clause.id.clone()).collect::<Vec<_>>(), expected);
    }
}
