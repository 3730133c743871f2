//! Known failures: what is broken and accepted for a while. Each still runs; when it passes, fails otherwise or expires,
//! the gate fails.

use crewpass_diagnostics::{Problems, read_toml};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use super::merge::{ObligationResult, Outcome};
use crate::client::judge::Finding;
use crate::manifest::entry_problems;
use crate::requirement::Catalogue;

/// The list of them: `known-failures.toml`.
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
    /// The case that it shows in; every case of the obligation if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Where it is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day on which it is accepted.
    #[serde(default, deserialize_with = "day", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// A part of what is expected or observed; another finding is another failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A day as a TOML date or as a text.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(day) => day.to_string(),
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    let bad = |_| serde::de::Error::custom(format!("`{text}` is no day, expected a day such as 2027-01-31"));
    text.parse().map(Some).map_err(bad)
}

impl KnownFailure {
    fn of(result: &ObligationResult) -> Self {
        let message = match result.findings.as_slice() {
            [finding] => Some(finding.expected.clone()),
            _ => None,
        };
        Self {
            id: result.id.clone(),
            scenario: Some(result.scenario.clone()).filter(|scenario| !scenario.is_empty()),
            reason: "failed when this list was written".to_owned(),
            issue: None,
            expires: None,
            message,
        }
    }

    fn is_about(&self, result: &ObligationResult) -> bool {
        self.id == result.id && self.scenario.as_ref().is_none_or(|scenario| *scenario == result.scenario)
    }

    fn covers(&self, finding: &Finding) -> bool {
        let part = |part: &String| finding.expected.contains(part) || finding.observed.contains(part);
        self.message.as_ref().is_none_or(part)
    }

    fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// The reason, and where it is followed up.
    fn told(&self) -> String {
        match &self.issue {
            Some(issue) => format!("{} ({issue})", self.reason),
            None => self.reason.clone(),
        }
    }
}

impl KnownFailures {
    /// Reads the list's text.
    pub fn parse(text: &str, file: &str, catalogue: &Catalogue) -> Result<Self, Problems> {
        let known: Self = read_toml(file, text)?;
        let ids = known.entries.iter().map(|entry| (&entry.id, &entry.reason));
        let problems = entry_problems(ids, text, file, catalogue);
        if problems.is_empty() { Ok(known) } else { Err(Problems::new(problems)) }
    }

    /// Marks results that are known to fail, and those that show that an entry is stale.
    pub(super) fn apply(&self, results: &mut [ObligationResult], today: Date, partial: bool) {
        let fails: Vec<String> = results
            .iter()
            .filter(|result| matches!(result.outcome, Outcome::Fail | Outcome::KnownFailure))
            .map(|result| result.id.clone())
            .collect();
        for result in results {
            let entries: Vec<_> = self.entries.iter().filter(|entry| entry.is_about(result)).collect();
            match result.outcome {
                Outcome::Fail if !entries.is_empty() => known_or_stale(result, &entries, today),
                Outcome::Pass => {
                    let fails_elsewhere =
                        |entry: &KnownFailure| entry.scenario.is_none() && (partial || fails.contains(&entry.id));
                    if let Some(entry) = entries.iter().find(|entry| !fails_elsewhere(entry)) {
                        result.outcome = Outcome::Stale;
                        result.note = Some(format!("passes, but is listed as a known failure: {}", entry.told()));
                    }
                }
                _ => {}
            }
        }
    }

    /// The list that accepts everything that fails in these results, as they were before any list was applied. What this
    /// list says of a failure already stays as it is.
    #[must_use]
    pub fn accepting(&self, results: &[ObligationResult]) -> Self {
        let mut entries: Vec<KnownFailure> = Vec::new();
        for result in results.iter().filter(|result| result.outcome == Outcome::Fail) {
            let told = self.entries.iter().filter(|entry| entry.is_about(result));
            let mut told: Vec<_> =
                told.filter(|entry| result.findings.iter().any(|found| entry.covers(found))).collect();
            let new = KnownFailure::of(result);
            if told.is_empty() {
                told.push(&new);
            }
            let unseen: Vec<_> = told.into_iter().filter(|entry| !entries.contains(entry)).cloned().collect();
            entries.extend(unseen);
        }
        Self { entries }
    }

    /// As it is written to a file.
    pub fn written(&self) -> Result<String, toml::ser::Error> {
        let head = "# What is broken and accepted for a while: give each entry a reason, an issue and a last day.\n\n";
        Ok(format!("{head}{}", toml::to_string(self)?))
    }
}

fn known_or_stale(result: &mut ObligationResult, entries: &[&KnownFailure], today: Date) {
    let current: Vec<_> = entries.iter().filter(|entry| !entry.has_expired(today)).collect();
    let other = result.findings.iter().find(|finding| !current.iter().any(|entry| entry.covers(finding)));
    let (outcome, note) = match (current.first(), other) {
        (None, _) => (Outcome::Stale, format!("expired as a known failure: {}", entries[0].told())),
        (Some(entry), Some(_)) => (Outcome::Stale, format!("fails otherwise than is known: {}", entry.told())),
        (Some(entry), None) => (Outcome::KnownFailure, entry.told()),
    };
    result.outcome = outcome;
    result.note = Some(note);
}
