//! The inputs for judging a server: clauses and known failures, for a run and for the merge of
//! shards.

use std::path::Path;

use crate::client::plan::Plan;
use crate::outcome::{KnownFailures, Outcome, exit_of};
use crate::report::{self, JsonReport, Run};
use crate::requirement::{Catalogue, OptIn, Requirement};
use crate::server::Selection;
use jiff::ZonedDateTime;
use jiff::civil::Date;

use super::client_args::Asked;
use super::error::CliError;
use super::run_inputs::{anchor, known_failures};

/// The inputs for judging a server.
pub(crate) struct ServerInputs {
    pub(crate) clauses: Vec<Requirement>,
    pub(crate) catalogue: Catalogue,
    pub(crate) known: KnownFailures,
    pub(crate) today: Date,
}

impl ServerInputs {
    /// Reads all inputs.
    pub(crate) fn open(known: Option<&Path>) -> Result<Self, CliError> {
        let catalogue = Catalogue::of_server()?;
        let clauses = catalogue.obligations().to_vec();
        let known = match known {
            Some(path) => known_failures(path, &catalogue)?,
            None => KnownFailures::default(),
        };
        Ok(Self { clauses, catalogue, known, today: ZonedDateTime::now().date() })
    }

    /// Returns the clauses that a selection matches.
    pub(crate) fn wanted(&self, selection: &Selection) -> Result<Vec<Requirement>, CliError> {
        selection.select(&self.clauses).map_err(|error| CliError::Usage(error.to_string()))
    }

    /// Merges the reports of shards. A clause that no shard reported is not exercised.
    pub(crate) fn merged(&self, shards: &[JsonReport], asked: &Asked) -> Result<Run, CliError> {
        for (given, flag) in [
            (asked.catalogue.is_some(), "--catalogue"),
            (asked.manifest.is_some(), "--manifest"),
            (!asked.scenarios.is_empty(), "--scenarios"),
        ] {
            if given {
                return Err(CliError::Usage(format!(
                    "{flag} is for reports of clients, but these are reports of a server"
                )));
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
        let is_post = |id: &str| self.posts().any(|clause| clause.id == id);
        if run.merged.iter().all(|(id, _, outcome)| !is_post(id) || *outcome == Outcome::NotExercised) {
            self.spare_posts(&mut run);
        }
        Ok(run)
    }

    /// Returns the clauses that only `--posts` exercises.
    fn posts(&self) -> impl Iterator<Item = &Requirement> {
        let needs_posts =
            |clause: &&Requirement| clause.clause_facts().is_some_and(|facts| facts.only_with == Some(OptIn::Posts));
        self.clauses.iter().filter(needs_posts)
    }

    /// Lets the clauses of `--posts` not decide the exit of a run without that option.
    pub(crate) fn spare_posts(&self, run: &mut Run) {
        run.undecided.extend(self.posts().map(|clause| clause.id.clone()));
        let decisive = run.merged.iter().filter(|(id, ..)| !run.undecided.contains(id));
        let decisive = decisive.map(|(id, grade, outcome)| (id.clone(), (*grade, *outcome))).collect();
        run.exit = exit_of(&decisive, run.fail_on);
    }

    /// Returns the options of the shards' runs: if one shard reported a clause that needs an
    /// option, all had it.
    fn options_of(&self, shards: &[JsonReport]) -> Vec<OptIn> {
        let reported =
            |clause: &&Requirement| shards.iter().any(|shard| shard.obligations.iter().any(|one| one.id == clause.id));
        self.clauses.iter().filter(reported).filter_map(|clause| clause.clause_facts()?.only_with).collect()
    }
}

/// Returns true if a report is about a server.
pub(crate) fn is_of_server(report: &JsonReport) -> bool {
    report.obligations.iter().any(|one| one.id.starts_with("CPS-"))
}
