//! `merge`: the JSON reports of all shards as one run, with its exit code.

use std::fs;

use crewpass_contract::plan::Plan;
use crewpass_contract::report::{self, JsonReport, Run};

use super::client_args::{Asked, Merge};
use super::error::CliError;
use super::papers::Papers;
use super::reports;
use super::server_papers::{ServerPapers, is_of_server};

/// Merges them.
pub(crate) fn merge(args: &Merge) -> Result<u8, CliError> {
    let mut shards = Vec::new();
    for path in &args.files {
        let text = fs::read_to_string(path).map_err(|source| CliError::File { path: path.clone(), source })?;
        shards.push(JsonReport::parse(&text)?);
    }
    let run = if shards.iter().any(is_of_server) {
        ServerPapers::open(args.asked.known_failures.as_deref())?.merged(&shards, &args.asked)?
    } else {
        of_clients(&shards, &args.asked)?
    };
    reports::write(&run, &args.asked.report)?;
    Ok(run.exit.code())
}

fn of_clients(shards: &[JsonReport], asked: &Asked) -> Result<Run, CliError> {
    let papers = Papers::open(asked)?;
    let plan = Plan::of(&papers.catalogue, &papers.scenarios, &asked.selection(None))?;
    let known = (&papers.known, papers.today);
    let mut run = report::merge(shards, &plan, &papers.catalogue, known, asked.fail_on.into())?;
    run.anchor.clone_from(&papers.anchor);
    Ok(run)
}
