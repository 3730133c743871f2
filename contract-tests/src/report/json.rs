//! The report for machines; it can be read back, so that shards can be merged.

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::entry::Entry;
use super::run::Run;
use crate::outcome::Outcome;
use crate::requirement::{Catalogue, Grade, Source};

/// A JSON report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonReport {
    /// The exit code of the gate.
    pub exit: u8,
    /// The seed of the run.
    pub seed: u64,
    /// The time limit of a run of the client in seconds, where its scenario has no other: at least a multiple of what
    /// one run took alone. Missing in reports about servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_s: Option<u64>,
    /// The part of the run, such as `2/4`; missing where it is the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Every obligation in every scenario, in the order of the catalogue.
    pub obligations: Vec<JsonEntry>,
    /// The merged outcome of each obligation over all its scenarios, by id.
    pub merged: Merged,
}

/// One obligation in one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonEntry {
    /// The obligation's id, such as `CPK-RTY-01`.
    pub id: String,
    /// The grade.
    pub grade: Grade,
    /// The source of its clause.
    pub source: Source,
    /// The outcome.
    pub outcome: Outcome,
    /// The scenario, followed by `[policy=value]` if a policy was varied; empty if no scenario
    /// provokes the obligation.
    pub scenario: String,
    /// The expected behaviour.
    pub expected: String,
    /// The observed behaviour, or the reason why nothing was observed.
    pub observed: String,
    /// The command that replays it.
    pub replay: String,
}

/// Outcomes by id, in the order of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged(pub Vec<(String, Outcome)>);

impl Serialize for Merged {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(id, outcome)| map.serialize_entry(id, outcome))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Merged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::deserialize(deserializer)?;
        Ok(Self(map.into_iter().collect()))
    }
}

impl JsonSchema for Merged {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Merged".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        std::collections::BTreeMap::<String, Outcome>::json_schema(generator)
    }
}

/// A text that is not a report of this tool.
#[derive(Debug, thiserror::Error)]
pub enum BadReport {
    /// It does not have the form of a report.
    #[error("this is not a report of crewpass-contract: {0}")]
    Shape(#[from] serde_json::Error),
    /// It has an unknown obligation.
    #[error("this report names `{0}`, which is not an obligation; was it written by another version?")]
    Obligation(String),
    /// The reports are from different runs.
    #[error("these reports are from different runs: one has the seed {0}, another {1}")]
    Seeds(u64, u64),
    /// A part of the run is missing, twice there, or of another division.
    #[error("these reports are not all parts of one run: {0}")]
    Shards(String),
}

impl From<&Run> for JsonReport {
    fn from(run: &Run) -> Self {
        let entry = |entry: &Entry| JsonEntry {
            id: entry.id.clone(),
            grade: entry.grade,
            source: entry.source,
            outcome: entry.outcome,
            scenario: entry.scenario.clone(),
            expected: entry.expected.clone(),
            observed: match (&entry.observed, &entry.note) {
                (observed, Some(note)) if !observed.is_empty() => format!("{observed} ({note})"),
                (_, Some(note)) => note.clone(),
                (observed, None) => observed.clone(),
            },
            replay: entry.replay.clone(),
        };
        Self {
            exit: run.exit.code(),
            seed: run.seed,
            deadline_s: run.deadline.map(|deadline| deadline.as_secs().max(1)),
            shard: run.shard.map(|shard| shard.to_string()),
            obligations: run.entries.iter().map(entry).collect(),
            merged: Merged(run.merged.iter().map(|(id, _, outcome)| (id.clone(), *outcome)).collect()),
        }
    }
}

impl JsonReport {
    /// Parses a report.
    pub fn parse(text: &str) -> Result<Self, BadReport> {
        Ok(crewpass_diagnostics::strict_json::from_str(text)?)
    }

    /// Returns its entries with the texts of their clauses.
    pub fn entries(&self, catalogue: &Catalogue) -> Result<Vec<Entry>, BadReport> {
        let entry = |one: &JsonEntry| {
            let known = catalogue.find(&one.id).map_err(|_| BadReport::Obligation(one.id.clone()))?;
            Ok(Entry {
                expected: one.expected.clone(),
                observed: one.observed.clone(),
                replay: one.replay.clone(),
                ..Entry::about(known, one.outcome, &one.scenario)
            })
        };
        self.obligations.iter().map(entry).collect()
    }
}

/// Renders the report, indented, with a line end.
pub(super) fn render(run: &Run) -> String {
    // Texts, numbers and lists can always be written as JSON.
    serde_json::to_string_pretty(&JsonReport::from(run)).unwrap_or_default() + "\n"
}

/// Returns the JSON Schema of the report.
pub fn schema_text() -> String {
    let mut schema = schemars::schema_for!(JsonReport);
    schema.insert("title".to_owned(), "A report of the contract gate".into());
    format!("{:#}\n", schema.to_value())
}
