//! A requirement as an entry of a YAML file has it, checked for the fields of its kind.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Change, ClauseFacts, Grade, Kind, ObligationFacts, OptIn, Part, Requirement, Source, TimeFact};
use crate::client::observability::Observability;
use crate::client::task::Task;

/// An entry of `obligations.yaml` or `server-clauses.yaml`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A requirement")]
pub(super) struct Row {
    /// Such as `CPK-RTY-01`; it never changes its meaning.
    id: String,
    /// A few words, for lists.
    title: String,
    /// The grade.
    grade: Grade,
    /// Milder grades that it had, each by the last version of the catalogue that has it: `{1: SHOULD}`.
    #[serde(default)]
    graded: BTreeMap<u32, Grade>,
    /// The source of its clause.
    source: Source,
    /// The clause; words of the documentation in quotation marks.
    clause: String,
    /// The page that says so, or an RFC with its section.
    #[serde(rename = "where")]
    place: String,
    /// The tasks in which it is judged; all of them, if it names none.
    #[serde(default = "every_task")]
    tasks: Vec<Task>,
    /// The version of the catalogue that brought it.
    #[serde(default = "one")]
    since: u32,

    /// Obligations: the event that provokes it.
    provoked_by: Option<String>,
    /// Obligations: the event without which it does not count.
    exercised_when: Option<String>,
    /// Obligations: the behaviour that keeps it.
    kept_when: Option<String>,
    /// Obligations: advice for the author of a client.
    advice: Option<String>,
    /// Obligations: the policies under each of whose values it is put to a client.
    policies: Option<Vec<String>>,
    /// Obligations: others that can't be kept while this is broken, or the other way round.
    implied_by: Option<Vec<String>>,
    /// Obligations: is true if it is judged in every scenario, not in named ones only.
    everywhere: Option<bool>,
    /// Obligations: the option without which it can't be observed; its absence fails no run.
    opt_in: Option<String>,
    /// Obligations: the ways to reach a client by which it can be seen.
    observable_by: Option<Vec<Observability>>,
    /// Obligations: the reason why property mode never shows it broken, if it does not.
    not_drawn: Option<String>,
    /// Obligations: the relation to time, if there is one.
    time: Option<TimeFact>,
    /// Obligations: is true if what breaks it is not a lack of time: it is on the disk, or was sent.
    lasting: Option<bool>,
    /// Obligations: is true if the downloads of a webhook receiver owe it, too.
    of_receivers: Option<bool>,

    /// Clauses: the entry that an expectation needs for it to be exercised.
    needs: Option<String>,
    /// Clauses: the option without which it is not asked for.
    only_with: Option<OptIn>,
    /// Clauses: the change of the server without which it can't be seen.
    lever: Option<Change>,
    /// Clauses: is true if it is about every response, whatever was requested.
    every_response: Option<bool>,
    /// Clauses: the requests beside list, link and file that it needs.
    requests: Option<Vec<Part>>,
}

fn every_task() -> Vec<Task> {
    Task::ALL.to_vec()
}

const fn one() -> u32 {
    1
}

/// An entry that lacks a field of its kind, or has one of the other kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadRow {
    /// A field of its kind is missing.
    #[error("{id}: `{field}` is missing")]
    Missing {
        /// The requirement.
        id: String,
        /// The field.
        field: &'static str,
    },
    /// It has a field of the other kind.
    #[error("{id}: it has fields of both obligations and clauses")]
    Mixed {
        /// The requirement.
        id: String,
    },
}

impl TryFrom<Row> for Requirement {
    type Error = BadRow;

    fn try_from(row: Row) -> Result<Self, BadRow> {
        let kind = if row.needs.is_some() { row.clause_kind()? } else { row.obligation_kind()? };
        let Row { id, title, grade, graded, source, clause, place, tasks, since, .. } = row;
        Ok(Self { id, title, grade, graded, source, clause, place, tasks, since, kind })
    }
}

impl Row {
    fn clause_kind(&self) -> Result<Kind, BadRow> {
        let other = self.provoked_by.is_some() || self.observable_by.is_some() || self.everywhere.is_some();
        if other {
            return Err(BadRow::Mixed { id: self.id.clone() });
        }
        let needs = self.required("needs", self.needs.as_ref())?;
        let every_response = self.every_response.unwrap_or_default();
        let requests = self.requests.clone().unwrap_or_default();
        let (only_with, lever) = (self.only_with, self.lever);
        Ok(Kind::Clause(ClauseFacts { needs, only_with, lever, every_response, requests }))
    }

    fn obligation_kind(&self) -> Result<Kind, BadRow> {
        let other = self.only_with.is_some() || self.lever.is_some() || self.every_response.is_some();
        if other || self.requests.is_some() {
            return Err(BadRow::Mixed { id: self.id.clone() });
        }
        Ok(Kind::Obligation(Box::new(ObligationFacts {
            provoked_by: self.required("provoked_by", self.provoked_by.as_ref())?,
            exercised_when: self.required("exercised_when", self.exercised_when.as_ref())?,
            kept_when: self.required("kept_when", self.kept_when.as_ref())?,
            advice: self.required("advice", self.advice.as_ref())?,
            policies: self.policies.clone().unwrap_or_default(),
            implied_by: self.implied_by.clone().unwrap_or_default(),
            everywhere: self.everywhere.unwrap_or_default(),
            opt_in: self.opt_in.clone(),
            observable_by: self.required("observable_by", self.observable_by.as_ref())?,
            not_drawn: self.not_drawn.clone(),
            time: self.time,
            lasting: self.lasting.unwrap_or_default(),
            of_receivers: self.of_receivers.unwrap_or_default(),
        })))
    }

    fn required<T: Clone>(&self, field: &'static str, value: Option<&T>) -> Result<T, BadRow> {
        value.cloned().ok_or_else(|| BadRow::Missing { id: self.id.clone(), field })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> Result<Requirement, String> {
        let text = format!("{{id: X-A-01, title: t, grade: MUST, source: H, clause: c, where: w, {rest}}}");
        serde_saphyr::from_str(&text).map_err(|error| error.to_string())
    }

    const OBLIGATION: &str = "provoked_by: p, exercised_when: e, kept_when: k, advice: a";

    #[test]
    fn an_entry_has_the_fields_of_one_kind() {
        assert!(read(&format!("{OBLIGATION}, observable_by: [process]")).unwrap().obligation().is_some());
        assert!(read("needs: n").unwrap().clause_facts().is_some());
        let missing = read(OBLIGATION).unwrap_err();
        assert!(missing.contains("`observable_by` is missing"), "{missing}");
        for mixed in ["needs: n, observable_by: [wire]", &format!("{OBLIGATION}, observable_by: [wire], lever: clock")]
        {
            assert!(read(mixed).unwrap_err().contains("both obligations and clauses"), "{mixed}");
        }
    }

    #[test]
    fn a_field_that_is_not_known_is_refused() {
        assert!(read("needs: n, only_wiht: limits").is_err());
    }
}
