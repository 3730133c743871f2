//! What a server is held against: the clauses and the known failures, for a run of the gate and for merging shards.

use std::path::Path;

use crewpass_contract::client::plan::Plan;
use crewpass_contract::outcome::KnownFailures;
use crewpass_contract::report::{self, JsonReport, Run};
use crewpass_contract::requirement::{Catalogue, OptIn, Requirement};
use crewpass_contract::server::Selection;
use jiff::ZonedDateTime;
use jiff::civil::Date;

use super::client_args::Asked;
use super::error::CliError;
use super::run_inputs::{anchor, known_failures};

/// What a server is held against.
pub(crate) struct ServerInputs {
    pub(crate) clauses: Vec<Requirement>,
    pub(crate) catalogue: Catalogue,
    pub(crate) known: KnownFailures,
    pub(crate) today: Date,
}

impl ServerInputs {
    /// Reads them.
    pub(crate) fn open(known: Option<&Path>) -> Result<Self, CliError> {
        let catalogue = Catalogue::of_server()?;
        let clauses = catalogue.obligations().to_vec();
        let known = match known {
            Some(path) => known_failures(path, &catalogue)?,
            None => KnownFailures::default(),
        };
        Ok(Self { clauses, catalogue, known, today: ZonedDateTime::now().date() })
    }

    /// The clauses that a selection asks for.
    pub(crate) fn wanted(&self, selection: &Selection) -> Result<Vec<Requirement>, CliError> {
        selection.of(&self.clauses).map_err(|error| CliError::Usage(error.to_string()))
    }

    /// Merges the reports of shards; a clause that none of them reported is not exercised.
    pub(crate) fn merged(&self, shards: &[JsonReport], asked: &Asked) -> Result<Run, CliError> {
        for (given, flag) in [
            (asked.catalogue.is_some(), "--catalogue"),
            (asked.manifest.is_some(), "--manifest"),
            (!asked.scenarios.is_empty(), "--scenarios"),
        ] {
            if given {
                return Err(CliError::Usage(format!("{flag} is for reports of clients, and these are of a server")));
            }
        }
        let grade = asked.grade.map(Into::into);
        let wanted =
            self.wanted(&Selection { only: asked.only.clone(), grade, allowed: self.options_of(shards), shard: None })?;
        let unprovoked = wanted.iter().map(|clause| clause.id.clone()).collect();
        let plan = Plan { cases: Vec::new(), unprovoked, partial: false };
        let known = (&self.known, self.today);
        let mut run = report::merge(shards, &plan, &self.catalogue, known, asked.fail_on.into())?;
        run.anchor = anchor(None);
        Ok(run)
    }

    /// The options that the shards were run with: where one reported a clause that takes one, all had it.
    fn options_of(&self, shards: &[JsonReport]) -> Vec<OptIn> {
        let reported =
            |clause: &&Requirement| shards.iter().any(|shard| shard.obligations.iter().any(|one| one.id == clause.id));
        self.clauses.iter().filter(reported).filter_map(|clause| clause.clause_facts()?.only_with).collect()
    }
}

/// Whether a report is of a server.
pub(crate) fn is_of_server(report: &JsonReport) -> bool {
    report.obligations.iter().any(|one| one.id.starts_with("CPS-"))
}
