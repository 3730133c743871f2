//! The catalogue as a value: looked up by id or area, pinned to a version.

use super::model::{Kind, Requirement};
use crewpass_diagnostics::{Problem, did_you_mean, read_yaml};

/// The obligations of a client, as they are built in.
pub const BUILT_IN_OBLIGATIONS: &str = include_str!("../../fixtures/contract/obligations.yaml");

/// The clauses of a server, as they are built in.
pub const BUILT_IN_CLAUSES: &str = include_str!("../../fixtures/contract/server-clauses.yaml");

/// The clauses of a sender of webhooks, as they are built in.
pub const BUILT_IN_SENDER: &str = include_str!("../../fixtures/contract/sender-clauses.yaml");

/// The obligations of a webhook receiver, as they are built in.
pub const BUILT_IN_RECEIVER: &str = include_str!("../../fixtures/contract/receiver-obligations.yaml");

/// The obligations of a client or the clauses of a server, in the order of their file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    version: u32,
    obligations: Vec<Requirement>,
    coming: Vec<Requirement>,
}

/// What reports call a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// One of them.
    pub one: &'static str,
    /// Several of them.
    pub many: &'static str,
}

impl Noun {
    /// Returns a number of them, such as `1 clause`.
    pub fn count(self, count: usize) -> String {
        format!("{count} {}", if count == 1 { self.one } else { self.many })
    }
}

/// The reason why a requirement or a catalogue can't be had.
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
    /// Returns the obligations that this gate was built with, at their newest version.
    ///
    /// # Errors
    /// The built-in text is wrong, which a test rules out.
    pub fn built_in() -> Result<Self, CatalogueError> {
        let obligations = read_yaml("obligations.yaml", BUILT_IN_OBLIGATIONS).map_err(CatalogueError::Broken)?;
        Ok(Self::new(obligations))
    }

    /// Returns the clauses of a server that this gate was built with.
    ///
    /// # Errors
    /// The built-in text is wrong, which a test rules out.
    pub fn of_server() -> Result<Self, CatalogueError> {
        let clauses = read_yaml("server-clauses.yaml", BUILT_IN_CLAUSES).map_err(CatalogueError::Broken)?;
        Ok(Self::new(clauses))
    }

    /// Returns the clauses of a sender of webhooks that this gate was built with.
    ///
    /// # Errors
    /// The built-in text is wrong, which a test rules out.
    pub fn of_sender() -> Result<Self, CatalogueError> {
        let clauses = read_yaml("sender-clauses.yaml", BUILT_IN_SENDER).map_err(CatalogueError::Broken)?;
        Ok(Self::new(clauses))
    }

    /// Returns the obligations of a webhook receiver that this gate was built with.
    ///
    /// # Errors
    /// The built-in text is wrong, which a test rules out.
    pub fn of_receiver() -> Result<Self, CatalogueError> {
        let rows = read_yaml("receiver-obligations.yaml", BUILT_IN_RECEIVER).map_err(CatalogueError::Broken)?;
        Ok(Self::new(rows))
    }

    /// Returns the catalogue that has an id: that of senders, of servers, of receivers, or else of clients.
    ///
    /// # Errors
    /// The built-in text is wrong, which a test rules out.
    pub fn with_id(id: &str) -> Result<Self, CatalogueError> {
        let starts_with = |prefix: &str| id.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        match id {
            _ if starts_with("CPS-HOOK-") => Self::of_sender(),
            _ if starts_with("CPS-") => Self::of_server(),
            _ if starts_with("CPK-HOOK-") || starts_with("HOOK-") => Self::of_receiver(),
            _ => Self::built_in(),
        }
    }

    /// Returns a catalogue of these requirements, at the version of the newest.
    pub fn new(obligations: Vec<Requirement>) -> Self {
        let newest = |known: &Requirement| {
            let regraded = known.graded.keys().next_back().map_or(1, |last| last + 1);
            known.since.max(regraded)
        };
        let version = obligations.iter().map(newest).max().unwrap_or(1);
        Self { version, obligations, coming: Vec::new() }
    }

    /// Returns the same catalogue as it was at a version: later requirements are only listed as coming, and each of the
    /// others has the grade of that version.
    ///
    /// # Errors
    /// No catalogue has that version.
    pub fn at(self, version: u32) -> Result<Self, CatalogueError> {
        if version == 0 || version > self.version {
            return Err(CatalogueError::Version { given: version, newest: self.version });
        }
        let (obligations, coming): (Vec<_>, Vec<_>) =
            self.obligations.into_iter().partition(|known| known.since <= version);
        let obligations = obligations.into_iter().map(|known| known.at(version)).collect();
        Ok(Self { version, obligations, coming })
    }

    /// Returns its version: the one that it is pinned to, or the newest.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Returns the requirements, in order.
    pub fn obligations(&self) -> &[Requirement] {
        &self.obligations
    }

    /// Returns the requirements of later versions than the one it is pinned to.
    pub fn coming(&self) -> &[Requirement] {
        &self.coming
    }

    /// Returns the requirement of an id, in any letter case, also without `CPK-` or `CPS-`.
    ///
    /// # Errors
    /// None has that id.
    pub fn find(&self, id: &str) -> Result<&Requirement, CatalogueError> {
        let known = self.obligations.iter().find(|known| known.is_called(id));
        known.ok_or_else(|| CatalogueError::Unknown { given: id.to_owned(), guess: guess(id, &self.obligations) })
    }

    /// Returns true if an obligation can be observed only with an option of the command line.
    pub fn is_opt_in(&self, id: &str) -> bool {
        let facts = self.obligations.iter().find(|known| known.id == id).and_then(Requirement::obligation);
        facts.is_some_and(|facts| facts.opt_in.is_some())
    }

    /// Returns what its requirements are called: a client owes obligations, a server keeps clauses.
    pub fn noun(&self) -> Noun {
        match self.obligations.first().map(|known| &known.kind) {
            Some(Kind::Clause(_)) => Noun { one: "clause", many: "clauses" },
            _ => Noun { one: "obligation", many: "obligations" },
        }
    }

    /// Returns the place of an id in the order; behind all others where it is unknown.
    pub fn rank(&self, id: &str) -> usize {
        self.obligations.iter().position(|known| known.id == id).unwrap_or(usize::MAX)
    }

    /// Returns the areas, such as `RTY`, in order.
    pub fn areas(&self) -> Vec<&str> {
        let mut areas: Vec<&str> = self.obligations.iter().map(Requirement::area).collect();
        areas.dedup();
        areas
    }
}

/// Returns what an unknown id may have meant: a near one, those of its area, or a near area.
pub fn guess(given: &str, all: &[Requirement]) -> Option<String> {
    let upper = given.to_ascii_uppercase();
    let short =
        upper.split_once('-').filter(|(kind, _)| matches!(*kind, "CPK" | "CPS")).map_or(&*upper, |(_, rest)| rest);
    let area = short.split('-').next().unwrap_or_default();
    let mut of_area = all.iter().filter(|known| known.area() == area);
    let range = of_area.next().map(|first| (first, of_area.next_back().unwrap_or(first)));
    let range = range.map(|(first, last)| format!("the area {area} has {} to {}", first.id, last.id));
    if short == area && range.is_some() {
        return range;
    }
    let near = did_you_mean(given, all.iter().map(|known| known.id.as_str()));
    near.or(range).or_else(|| did_you_mean(given, all.iter().map(Requirement::area)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::run::policy_names;
    use crate::requirement::Grade::{self, MAY, MUST, SHOULD};
    use crate::requirement::Source;

    /// Every area of catalogue 1 with its grades in order, apart from the data: who pins it must not be surprised.
    const VERSION_1: &[(&str, &str)] = &[
        ("AUTH", "MMMMSMM"),
        ("LIST", "MSMMMMSMSA"),
        ("LINK", "MMMSSMSMSMAS"),
        ("FILE", "MMMMSSSSMA"),
        ("NAME", "MMSSSSAAM"),
        ("ERR", "MMMSMMS"),
        ("RTY", "SMSMMSSMS"),
        ("TIME", "MSA"),
        ("SEC", "SSA"),
        ("OUT", "MSSA"),
        ("HTTP", "MA"),
    ];

    fn version_1() -> Vec<(String, Grade)> {
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
        VERSION_1.iter().flat_map(area).collect()
    }

    #[test]
    fn catalogue_1_keeps_its_obligations_and_grades() {
        let pinned = Catalogue::built_in().unwrap().at(1).unwrap();
        let found: Vec<_> = pinned.obligations().iter().map(|known| (known.id.clone(), known.grade)).collect();
        assert_eq!(found, version_1());
    }

    #[test]
    fn ids_are_numbered_within_their_areas() {
        let catalogues = [
            ("CPK", Catalogue::built_in().unwrap()),
            ("CPK", Catalogue::of_receiver().unwrap()),
            ("CPS", Catalogue::of_server().unwrap()),
            ("CPS", Catalogue::of_sender().unwrap()),
        ];
        for (start, catalogue) in catalogues {
            let mut expected = Vec::new();
            for area in catalogue.areas() {
                let count = catalogue.obligations().iter().filter(|known| known.area() == area).count();
                expected.extend((1..=count).map(|number| format!("{start}-{area}-{number:02}")));
            }
            let ids: Vec<_> = catalogue.obligations().iter().map(|known| known.id.clone()).collect();
            assert_eq!(ids, expected);
        }
    }

    #[test]
    fn a_clause_of_a_server_has_the_grade_of_its_source() {
        let (server, sender) = (Catalogue::of_server().unwrap(), Catalogue::of_sender().unwrap());
        for clause in server.obligations().iter().chain(sender.obligations()) {
            let grade = match clause.source {
                Source::G | Source::P => MUST,
                Source::H => SHOULD,
                Source::D => Grade::OBSERVED,
            };
            assert_eq!(clause.grade, grade, "{}", clause.id);
            assert!(clause.clause_facts().is_some(), "{}", clause.id);
        }
    }

    #[test]
    fn every_reference_in_it_holds() {
        let catalogue = Catalogue::built_in().unwrap();
        for known in catalogue.obligations() {
            let facts = known.obligation().unwrap();
            for other in &facts.implied_by {
                assert!(catalogue.find(other).is_ok(), "{}: {other}", known.id);
            }
            for policy in &facts.policies {
                assert!(policy_names().contains(&policy.as_str()), "{}: {policy}", known.id);
            }
            assert!(!facts.observable_by.is_empty() && !known.tasks.is_empty(), "{}", known.id);
            assert!(known.title.len() <= 50, "{}: a title is for lists", known.id);
        }
    }

    #[test]
    fn an_unknown_id_brings_a_guess() {
        let catalogue = Catalogue::built_in().unwrap();
        assert_eq!(catalogue.find("cpk-name-01").unwrap().id, "CPK-NAME-01");
        assert_eq!(catalogue.find("name-01").unwrap().id, "CPK-NAME-01");
        let message = catalogue.find("CPK-NMAE-01").unwrap_err().to_string();
        assert_eq!(message, "there is no obligation `CPK-NMAE-01`; did you mean `CPK-NAME-01`?");
    }

    #[test]
    fn a_pinned_catalogue_leaves_out_what_came_later() {
        let mut obligations = Catalogue::built_in().unwrap().at(1).unwrap().obligations;
        obligations[3].since = 2;
        let newest = Catalogue::new(obligations);
        assert_eq!(newest.version(), 2);
        let pinned = newest.clone().at(1).unwrap();
        assert_eq!(pinned.version(), 1);
        assert_eq!(pinned.obligations().len() + 1, newest.obligations().len());
        assert_eq!(pinned.coming()[0].id, "CPK-AUTH-04");
        let message = newest.at(3).unwrap_err().to_string();
        assert_eq!(message, "there is no catalogue 3; the versions are 1 to 2");
    }

    #[test]
    fn a_stricter_grade_holds_from_its_version_on() {
        let mut obligations = Catalogue::built_in().unwrap().at(1).unwrap().obligations;
        obligations[0].graded = [(1, MAY), (3, SHOULD)].into();
        let newest = Catalogue::new(obligations);
        assert_eq!((newest.version(), newest.obligations()[0].grade), (4, MUST));
        for (version, grade) in [(1, MAY), (2, SHOULD), (3, SHOULD), (4, MUST)] {
            assert_eq!(newest.clone().at(version).unwrap().obligations()[0].grade, grade, "{version}");
        }
    }

    #[test]
    fn grades_only_get_stricter() {
        for known in Catalogue::built_in().unwrap().obligations() {
            let grades: Vec<_> = known.graded.values().copied().chain([known.grade]).collect();
            assert!(grades.is_sorted_by(|before, after| before > after), "{}: {grades:?}", known.id);
        }
    }
}
