//! The catalogue as a value: read once, looked up by id or area, pinned to a version.

use crewpass_diagnostics::{Problem, did_you_mean, read_yaml};

use super::model::Obligation;

const BUILT_IN: &str = include_str!("../../fixtures/contract/obligations.yaml");

/// What a client owes, in the paper's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    obligations: Vec<Obligation>,
    coming: Vec<Obligation>,
}

/// Why an obligation or a catalogue can't be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CatalogueError {
    /// No obligation has that id.
    #[error("there is no obligation `{given}`{}", .guess.as_deref().map(|guess| format!("; {guess}")).unwrap_or_default())]
    Unknown {
        /// What was given.
        given: String,
        /// What may have been meant.
        guess: Option<String>,
    },
    /// No catalogue has that version.
    #[error("there is no catalogue {given}; the versions are 1 to {newest}")]
    Version {
        /// What was given.
        given: u32,
        /// The newest.
        newest: u32,
    },
    /// The built-in text is wrong.
    #[error("the built-in catalogue is wrong: {0}")]
    Broken(Problem),
}

impl Catalogue {
    /// The catalogue that this gate was built with, at its newest version.
    pub fn built_in() -> Result<Self, CatalogueError> {
        let obligations = read_yaml("obligations.yaml", BUILT_IN).map_err(CatalogueError::Broken)?;
        Ok(Self::of(obligations))
    }

    /// A catalogue of these obligations.
    pub const fn of(obligations: Vec<Obligation>) -> Self {
        Self { obligations, coming: Vec::new() }
    }

    /// The same catalogue as it was at a version: what came later is only shown as coming.
    pub fn at(self, version: u32) -> Result<Self, CatalogueError> {
        let newest = self.version();
        if version == 0 || version > newest {
            return Err(CatalogueError::Version { given: version, newest });
        }
        let (obligations, coming) = self.obligations.into_iter().partition(|known| known.since <= version);
        Ok(Self { obligations, coming })
    }

    /// Its version: that of its newest obligation.
    pub fn version(&self) -> u32 {
        self.obligations.iter().map(|known| known.since).max().unwrap_or(1)
    }

    /// The obligations, in order.
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// Obligations of later versions than the one it is pinned to.
    pub fn coming(&self) -> &[Obligation] {
        &self.coming
    }

    /// The obligation of an id, in any case.
    pub fn find(&self, id: &str) -> Result<&Obligation, CatalogueError> {
        let found = self.obligations.iter().find(|known| known.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| {
            let guess = did_you_mean(id, self.obligations.iter().map(|known| known.id.as_str()));
            CatalogueError::Unknown { given: id.to_owned(), guess }
        })
    }

    /// The place of an id in the order; behind all others where it is unknown.
    pub fn rank(&self, id: &str) -> usize {
        self.obligations.iter().position(|known| known.id == id).unwrap_or(usize::MAX)
    }

    /// The areas, such as `RTY`, in order.
    pub fn areas(&self) -> Vec<&str> {
        let mut areas: Vec<&str> = self.obligations.iter().map(Obligation::area).collect();
        areas.dedup();
        areas
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Grade::{self, MAY, MUST, SHOULD};

    /// Every area with its grades in order: what the paper says, apart from the data.
    const PAPER: &[(&str, &str)] = &[
        ("AUTH", "MMMMSMM"),
        ("LIST", "MSMMMMSMSA"),
        ("LINK", "MMMSSMSMSMAS"),
        ("FILE", "MMMMSSSSMA"),
        ("NAME", "MMSSSSSAM"),
        ("ERR", "MMMSMMS"),
        ("RTY", "SMSMMSSMS"),
        ("TIME", "MSA"),
        ("SEC", "SSA"),
        ("OUT", "MSSA"),
        ("HTTP", "MA"),
    ];

    fn paper() -> Vec<(String, Grade)> {
        let grade = |letter| match letter {
            'M' => MUST,
            'S' => SHOULD,
            _ => MAY,
        };
        let area = |(area, grades): &(&str, &str)| {
            let numbered: Vec<_> =
                grades.chars().zip(1..).map(|(letter, n)| (format!("CPK-{area}-{n:02}"), grade(letter))).collect();
            numbered
        };
        PAPER.iter().flat_map(area).collect()
    }

    #[test]
    fn each_obligation_of_the_paper_is_there_once_in_its_order_with_its_grade() {
        let catalogue = Catalogue::built_in().unwrap();
        let found: Vec<_> = catalogue.obligations().iter().map(|known| (known.id.clone(), known.grade)).collect();
        assert_eq!(found.len(), 76);
        assert_eq!(found, paper());
    }

    #[test]
    fn every_reference_in_it_holds() {
        let catalogue = Catalogue::built_in().unwrap();
        for known in catalogue.obligations() {
            for other in &known.implied_by {
                assert!(catalogue.find(other).is_ok(), "{}: {other}", known.id);
            }
            for policy in &known.policies {
                assert!(crewpass_mock::policy::Policies::names().any(|name| name == policy), "{}: {policy}", known.id);
            }
            assert!(known.title.len() <= 50, "{}: a title is for lists", known.id);
        }
    }

    #[test]
    fn an_unknown_id_brings_a_guess() {
        let catalogue = Catalogue::built_in().unwrap();
        assert_eq!(catalogue.find("cpk-name-01").unwrap().id, "CPK-NAME-01");
        let told = catalogue.find("CPK-NMAE-01").unwrap_err().to_string();
        assert_eq!(told, "there is no obligation `CPK-NMAE-01`; did you mean `CPK-NAME-01`?");
    }

    #[test]
    fn a_pinned_catalogue_leaves_out_what_came_later() {
        let mut obligations = Catalogue::built_in().unwrap().obligations;
        obligations[3].since = 2;
        let newest = Catalogue::of(obligations);
        assert_eq!(newest.version(), 2);
        let pinned = newest.clone().at(1).unwrap();
        assert_eq!(pinned.obligations().len(), 75);
        assert_eq!(pinned.coming()[0].id, "CPK-AUTH-04");
        let told = newest.at(3).unwrap_err().to_string();
        assert_eq!(told, "there is no catalogue 3; the versions are 1 to 2");
    }
}
