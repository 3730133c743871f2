//! What the catalogue says of an obligation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much harm breaking it does; the exit code follows it.
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

/// Where a clause comes from.
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

/// An obligation of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Such as `CPK-RTY-01`; it never changes its meaning.
    pub id: String,
    /// The grade.
    pub grade: Grade,
    /// The source of its clause.
    pub source: Source,
    /// What the clause says; words of the documentation in quotation marks.
    pub clause: String,
    /// Where it says so: a page, or an RFC with its section.
    #[serde(rename = "where")]
    pub place: String,
    /// In a few words, for lists.
    pub title: String,
    /// What provokes it.
    pub provoked_by: String,
    /// What must have happened for it to count.
    pub exercised_when: String,
    /// What a client must do.
    pub kept_when: String,
    /// What a client author should do.
    pub advice: String,
    /// Policies under each of whose values it is put to a client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Obligations that can't be kept while this is broken, or the other way round: it kills no variant alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implied_by: Vec<String>,
    /// Whether it is judged in every scenario, not in named ones only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
    /// The version of the catalogue that brought it.
    pub since: u32,
}

impl Grade {
    /// Every grade of an obligation of a client, the gravest first.
    pub const ALL: [Self; 3] = [Self::MUST, Self::SHOULD, Self::MAY];

    /// As it is written in reports.
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
    /// As it is written in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::G => "G",
            Self::P => "P",
            Self::H => "H",
            Self::D => "D",
        }
    }

    /// What the letter stands for.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::G => "the documents guide",
            Self::P => "another page of the partner documentation",
            Self::H => "plain HTTP, or safety",
            Self::D => "a decision of this project",
        }
    }
}

impl Obligation {
    /// Its area: `RTY` of `CPK-RTY-01`.
    pub fn area(&self) -> &str {
        self.id.split('-').nth(1).unwrap_or_default()
    }
}
