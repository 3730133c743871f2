//! Known failures: broken obligations that are accepted for a while. They still run; the gate fails
//! when one passes, fails in another way or expires.

use std::borrow::Cow;

use crewpass_diagnostics::{Problems, escape, read_toml};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::merge::{ObligationResult, Outcome};
use crate::client::judge::Finding;
use crate::manifest::entry_problems;
use crate::requirement::Catalogue;

/// The list of known failures, `known-failures.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailures {
    /// The entries, each a `[[failure]]`.
    #[serde(rename = "failure", default)]
    pub entries: Vec<KnownFailure>,
}

/// One known failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// The obligation.
    pub id: String,
    /// The case that fails, or a list of them; every case of the obligation if omitted.
    #[serde(
        default,
        deserialize_with = "parse_cases",
        serialize_with = "write_cases",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub scenario: Vec<String>,
    /// The reason why it is accepted.
    pub reason: String,
    /// The issue in which it is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day on which it is accepted.
    #[serde(default, deserialize_with = "parse_day", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// A part of the expected or observed text; other findings are other failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Writes one name as a text, and several as a list.
fn write_cases<S: Serializer>(cases: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match cases {
        [one] => one.serialize(serializer),
        several => several.serialize(serializer),
    }
}

/// Parses the name of a case, or a list of names.
fn parse_cases<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "`scenario` is the name of a case, or a list of names")]
    enum Cases {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Cases::deserialize(deserializer)? {
        Cases::One(name) => vec![name],
        Cases::Several(names) => names,
    })
}

/// Parses a day from a TOML date or text.
fn parse_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(parse_day) => parse_day.to_string(),
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    let bad = |_| serde::de::Error::custom(format!("`{text}` is not a day such as 2027-01-31"));
    text.parse().map(Some).map_err(bad)
}

/// The longest text of a message, in characters.
const MESSAGE_LENGTH: usize = 1_000;

/// Returns a text of a finding as a list shows it: on one line, so that it is harmless to whatever prints the list.
fn shown(text: &str) -> Cow<'_, str> {
    escape::line(text, MESSAGE_LENGTH)
}

/// The beginning of a reason that its author has to replace.
const TO_FILL_IN: &str = "FILL IN";

/// The reason of a new entry, for its author to replace.
const FILL_IN: &str = "FILL IN: why this is accepted for now";

impl KnownFailure {
    fn from_result(result: &ObligationResult) -> Self {
        let mut expected: Vec<&String> = result.findings.iter().map(|finding| &finding.expected).collect();
        expected.dedup();
        let message = match expected.as_slice() {
            [expected] => Some(shown(expected).into_owned()),
            _ => None,
        };
        Self {
            id: result.id.clone(),
            scenario: Some(result.scenario.clone()).filter(|scenario| !scenario.is_empty()).into_iter().collect(),
            reason: FILL_IN.to_owned(),
            issue: None,
            expires: None,
            message,
        }
    }

    fn is_about(&self, result: &ObligationResult) -> bool {
        self.id == result.id && (self.scenario.is_empty() || self.scenario.contains(&result.scenario))
    }

    fn covers(&self, finding: &Finding) -> bool {
        let is_part = |part: &String, text: &str| text.contains(part) || shown(text).contains(part);
        let covers = |part| is_part(part, &finding.expected) || is_part(part, &finding.observed);
        self.message.as_ref().is_none_or(covers)
    }

    fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// Returns the reason, with the issue if there is one.
    fn describe(&self) -> String {
        match &self.issue {
            Some(issue) => format!("{} ({issue})", self.reason),
            None => self.reason.clone(),
        }
    }
}

impl KnownFailures {
    /// Parses the list.
    pub fn parse(text: &str, file: &str, catalogue: &Catalogue) -> Result<Self, Problems> {
        let known: Self = read_toml(file, text)?;
        let ids = known.entries.iter().map(|entry| (&entry.id, &entry.reason));
        let problems = entry_problems(ids, text, file, catalogue);
        if problems.is_empty() { Ok(known) } else { Err(Problems::new(problems)) }
    }

    /// Returns the cases that entries name, each with the id of its obligation.
    pub fn cases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().flat_map(|entry| entry.scenario.iter().map(|case| (entry.id.as_str(), case.as_str())))
    }

    /// Returns the ids of the entries whose reason was never filled in.
    pub fn unexplained(&self) -> Vec<&str> {
        let unexplained = self.entries.iter().filter(|entry| entry.reason.trim_start().starts_with(TO_FILL_IN));
        let mut ids: Vec<&str> = unexplained.map(|entry| entry.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Marks results that are known to fail, and results that show a stale entry.
    pub(super) fn apply(&self, results: &mut [ObligationResult], today: Date, partial: bool) {
        let fails: Vec<String> = results
            .iter()
            .filter(|result| matches!(result.outcome, Outcome::Fail | Outcome::KnownFailure | Outcome::NotJudged))
            .map(|result| result.id.clone())
            .collect();
        for result in results {
            let entries: Vec<_> = self.entries.iter().filter(|entry| entry.is_about(result)).collect();
            match result.outcome {
                Outcome::Fail if !entries.is_empty() => known_or_stale(result, &entries, today),
                Outcome::Pass => {
                    let fails_elsewhere =
                        |entry: &KnownFailure| entry.scenario.is_empty() && (partial || fails.contains(&entry.id));
                    if let Some(entry) = entries.iter().find(|entry| !fails_elsewhere(entry)) {
                        result.outcome = Outcome::Stale;
                        result.note = Some(format!("passes, but is listed as a known failure: {}", entry.describe()));
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns a list that accepts every failure in these results, which no list has been applied
    /// to. Matching entries of this list are kept unchanged, and so are entries about what was not
    /// judged. New failures of one obligation that are alike have one entry; if every case of the
    /// obligation fails like that, the entry names none.
    #[must_use]
    pub fn accepting(&self, results: &[ObligationResult]) -> Self {
        let unjudged = |entry: &&KnownFailure| {
            results.iter().any(|result| result.outcome == Outcome::NotJudged && entry.is_about(result))
        };
        let mut entries: Vec<KnownFailure> = self.entries.iter().filter(unjudged).cloned().collect();
        let mut new_entries: Vec<KnownFailure> = Vec::new();
        for result in results.iter().filter(|result| result.outcome == Outcome::Fail) {
            let listed = self.entries.iter().filter(|entry| entry.is_about(result));
            let listed: Vec<_> =
                listed.filter(|entry| result.findings.iter().any(|found| entry.covers(found))).collect();
            let unseen: Vec<_> =
                listed.iter().filter(|entry| !entries.contains(entry)).map(|&entry| entry.clone()).collect();
            entries.extend(unseen);
            if listed.is_empty() {
                join(&mut new_entries, KnownFailure::from_result(result));
            }
        }
        for entry in &mut new_entries {
            let of_obligation =
                || results.iter().filter(|result| result.id == entry.id && !result.outcome.is_unshown());
            if of_obligation().all(|result| entry.scenario.contains(&result.scenario)) {
                entry.scenario.clear();
            }
        }
        entries.extend(new_entries);
        Self { entries }
    }

    /// Formats the list as a file.
    pub fn written(&self) -> Result<String, toml::ser::Error> {
        let head = "# Known failures, accepted for a while: give each entry a reason, an issue and an expiry date.\n\n";
        Ok(format!("{head}{}", toml::to_string_pretty(self)?))
    }
}

/// Adds an entry, or the cases of it to an entry about the same.
fn join(entries: &mut Vec<KnownFailure>, new: KnownFailure) {
    let is_alike = |known: &&mut KnownFailure| known.id == new.id && known.message == new.message;
    match entries.iter_mut().find(is_alike) {
        Some(known) if !new.scenario.is_empty() => known.scenario.extend(new.scenario),
        _ => entries.push(new),
    }
}

fn known_or_stale(result: &mut ObligationResult, entries: &[&KnownFailure], today: Date) {
    let current: Vec<_> = entries.iter().filter(|entry| !entry.has_expired(today)).collect();
    let other = result.findings.iter().find(|finding| !current.iter().any(|entry| entry.covers(finding)));
    let (outcome, note) = match (current.first(), other) {
        (None, _) => (Outcome::Stale, format!("expired as a known failure: {}", entries[0].describe())),
        (Some(entry), Some(_)) => {
            (Outcome::Stale, format!("fails in another way than the known failure: {}", entry.describe()))
        }
        (Some(entry), None) => (Outcome::KnownFailure, entry.describe()),
    };
    result.outcome = outcome;
    result.note = Some(note);
}
