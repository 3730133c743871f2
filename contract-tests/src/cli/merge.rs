//! `merge`: the JSON reports of all shards as one run, with its exit code.

use std::fs;

use crewpass_contract::plan::Plan;
use crewpass_contract::report::{self, JsonReport};

use super::client_args::Merge;
use super::error::CliError;
use super::papers::Papers;
use super::reports;

/// Merges them.
pub(crate) fn merge(args: &Merge) -> Result<u8, CliError> {
    let papers = Papers::open(&args.asked)?;
    let plan = Plan::of(&papers.catalogue, &papers.scenarios, &args.asked.selection(None))?;
    let mut shards = Vec::new();
    for path in &args.files {
        let text = fs::read_to_string(path).map_err(|source| CliError::File { path: path.clone(), source })?;
        shards.push(JsonReport::parse(&text)?);
    }
    let known = (&papers.known, papers.today);
    let mut run = report::merge(&shards, &plan, &papers.catalogue, known, args.asked.fail_on.into())?;
    run.anchor.clone_from(&papers.anchor);
    reports::write(&run, &args.asked.report)?;
    Ok(run.exit.code())
}
