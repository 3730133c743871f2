//! A requirement: what a client or a server owes, with its facts as data.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::row::Row;
use crate::client::observability::Observability;
use crate::client::task::Task;

/// The harm that a broken requirement does; the exit code follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    /// The gate fails.
    MUST,
    /// Shown; the gate fails with `--fail-on should`.
    SHOULD,
    /// Shown; the gate fails with `--fail-on may`.
    MAY,
    /// Only looked at: reports say what a server does where nothing is documented.
    OBSERVED,
}

/// The place that a requirement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Source {
    /// The documents guide.
    G,
    /// Another public page of the partner documentation.
    P,
    /// Plain HTTP, or safety.
    H,
    /// A decision of this project, where nothing is documented; of servers only.
    D,
}

/// An obligation of a client (`CPK-…`) or a clause of a server (`CPS-…`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Row")]
pub struct Requirement {
    /// Such as `CPK-RTY-01`; it never changes its meaning.
    pub id: String,
    /// A few words, for lists.
    pub title: String,
    /// The grade, in the version of the catalogue that is looked at.
    pub grade: Grade,
    /// The grades that it had: each up to and including a version of the catalogue.
    pub graded: BTreeMap<u32, Grade>,
    /// The source of its clause.
    pub source: Source,
    /// The clause; words of the documentation in quotation marks.
    pub clause: String,
    /// The page that says so, or an RFC with its section.
    pub place: String,
    /// The tasks in which it is judged.
    pub tasks: Vec<Task>,
    /// The version of the catalogue that brought it.
    pub since: u32,
    /// The facts of an obligation or of a clause.
    pub kind: Kind,
}

/// The facts that only one kind of requirement has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An obligation of a client.
    Obligation(Box<ObligationFacts>),
    /// A clause of a server.
    Clause(ClauseFacts),
}

/// The facts of an obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationFacts {
    /// The event that provokes it.
    pub provoked_by: String,
    /// The event without which it does not count.
    pub exercised_when: String,
    /// The behaviour that keeps it.
    pub kept_when: String,
    /// Advice for the author of a client.
    pub advice: String,
    /// Policies under each of whose values it is put to a client.
    pub policies: Vec<String>,
    /// Obligations that can't be kept while this is broken, or the other way round: it kills no variant alone.
    pub implied_by: Vec<String>,
    /// Is true if it is judged in every scenario, not in named ones only.
    pub everywhere: bool,
    /// The option without which it can't be observed; its absence fails no run.
    pub opt_in: Option<String>,
    /// The ways to reach a client by which it can be seen.
    pub observable_by: Vec<Observability>,
    /// The reason why property mode never shows it broken, if it does not.
    pub not_drawn: Option<String>,
    /// Its relation to time, if it has one.
    pub time: Option<TimeFact>,
    /// Is true if what breaks it is not a lack of time: it is on the disk, or was sent.
    pub lasting: bool,
    /// Is true if the downloads of a webhook receiver owe it, too.
    pub of_receivers: bool,
}

/// The facts of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseFacts {
    /// The entry that an expectation needs for it to be exercised.
    pub needs: String,
    /// The option without which it is not asked for.
    pub only_with: Option<OptIn>,
    /// The change of the server without which it can't be seen.
    pub lever: Option<Change>,
    /// Is true if it is about every response, whatever was requested.
    pub every_response: bool,
    /// The requests beside list, link and file that it needs.
    pub requests: Vec<Part>,
}

/// A part of the requests beside list, link and file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The partner of the key.
    Me,
    /// The vessels.
    Vessels,
    /// The pages of the fleet.
    Fleet,
    /// Profiles.
    Profile,
    /// Photos.
    Photo,
    /// Lookups.
    Lookup,
    /// Compliance checks.
    Compliance,
}

/// A change of the server that a tester can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Time passes.
    Clock,
    /// The file store goes down, and comes back.
    Store,
    /// A document is uploaded again.
    Reupload,
    /// The background check and the profile of a person change.
    PersonEvent,
    /// The dead letters of a sender of webhooks are listed.
    DeadLetters,
    /// The dead letters of a sender of webhooks are sent again.
    Redeliver,
}

/// The relation of an obligation to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimeFact {
    /// It limits how fast a client may be. A client that the machine slows down may keep it by that alone.
    Pace,
    /// It wants an end before the deadline in the scenarios that provoke it.
    End,
    /// As `End`; and a client that overruns its deadline anywhere else breaks it, and nothing else.
    Overrun,
}

/// An option by which a tester allows unusual requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OptIn {
    /// Requests that no good client sends.
    Hostile,
    /// A burst.
    Limits,
    /// The two documented POSTs, which read. Their clauses are not exercised without it, and not left out.
    Posts,
}

impl OptIn {
    /// Returns the option as a command line has it.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Hostile => "--hostile",
            Self::Limits => "--limits",
            Self::Posts => "--posts",
        }
    }
}

impl Grade {
    /// Every grade of an obligation of a client, the gravest first.
    pub const ALL: [Self; 3] = [Self::MUST, Self::SHOULD, Self::MAY];

    /// Returns the grade as reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MUST => "MUST",
            Self::SHOULD => "SHOULD",
            Self::MAY => "MAY",
            Self::OBSERVED => "OBSERVED",
        }
    }
}

impl Source {
    /// Returns the source as reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::G => "G",
            Self::P => "P",
            Self::H => "H",
            Self::D => "D",
        }
    }

    /// Returns the meaning of the letter.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::G => "the documents guide",
            Self::P => "another page of the partner documentation",
            Self::H => "plain HTTP, or safety",
            Self::D => "a decision of this project",
        }
    }
}

impl Requirement {
    /// Returns true if a name is its id, in any letter case: `CPK-RTY-01`, or `RTY-01` for short.
    pub fn is_called(&self, name: &str) -> bool {
        let short = self.id.split_once('-').map_or("", |(_, short)| short);
        self.id.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
    }

    /// Returns true if a name is its id or its area, in any letter case.
    pub fn is_selected_by(&self, name: &str) -> bool {
        self.is_called(name) || self.area().eq_ignore_ascii_case(name)
    }

    /// Returns its area: `RTY` of `CPK-RTY-01`.
    pub fn area(&self) -> &str {
        self.id.split('-').nth(1).unwrap_or_default()
    }

    /// Returns the facts of an obligation; `None` for a clause.
    pub fn obligation(&self) -> Option<&ObligationFacts> {
        match &self.kind {
            Kind::Obligation(facts) => Some(facts),
            Kind::Clause(_) => None,
        }
    }

    /// Returns the facts of a clause; `None` for an obligation.
    pub const fn clause_facts(&self) -> Option<&ClauseFacts> {
        match &self.kind {
            Kind::Obligation(_) => None,
            Kind::Clause(facts) => Some(facts),
        }
    }

    /// Returns true if it is judged in every scenario, not in named ones only.
    pub fn is_everywhere(&self) -> bool {
        self.obligation().is_some_and(|facts| facts.everywhere)
    }

    /// Returns the event without which it does not count.
    pub fn exercised_when(&self) -> Cow<'_, str> {
        match &self.kind {
            Kind::Obligation(facts) => Cow::Borrowed(&facts.exercised_when),
            Kind::Clause(facts) => {
                let option = facts.only_with.map(|option| format!(", with {}", option.flag())).unwrap_or_default();
                Cow::Owned(format!("the gate has {}{option}", facts.needs))
            }
        }
    }

    /// Returns the behaviour that keeps it.
    pub fn kept_when(&self) -> &str {
        self.obligation().map_or(&self.clause, |facts| &facts.kept_when)
    }

    /// Returns the advice for the author of a client; `None` for a clause.
    pub fn advice(&self) -> Option<&str> {
        self.obligation().map(|facts| facts.advice.as_str())
    }

    /// Returns the same requirement with the grade that it had at a version of the catalogue.
    #[must_use]
    pub fn at(mut self, version: u32) -> Self {
        if let Some((_, grade)) = self.graded.range(version..).next() {
            self.grade = *grade;
        }
        self
    }
}
