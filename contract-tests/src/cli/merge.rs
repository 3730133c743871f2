//! The command `merge`: combines the JSON reports of all shards, with the exit code of the whole.

use std::fs;

use crate::client::plan::Plan;
use crate::client::task::Task;
use crate::report::{self, Head, JsonReport, Run};
use jiff::Timestamp;

use super::client_args::{Asked, Merge};
use super::error::CliError;
use super::reports;
use super::run_inputs::RunInputs;
use super::server_inputs::{ServerInputs, is_of_server};

/// Runs `merge`.
pub(crate) fn merge(args: &Merge) -> Result<u8, CliError> {
    let mut shards = Vec::new();
    for path in &args.files {
        let text = fs::read_to_string(path).map_err(|source| CliError::File { path: path.clone(), source })?;
        shards.push(JsonReport::parse(&text)?);
    }
    let mut run = if shards.iter().any(is_of_server) {
        ServerInputs::open(args.asked.known_failures.as_deref())?.merged(&shards, &args.asked)?
    } else {
        of_clients(&shards, &args.asked, args.task)?
    };
    let files: Vec<_> = args.files.iter().map(|path| path.display().to_string()).collect();
    let subject = format!("merged from {}", files.join(", "));
    run.head = Head::new(&subject, run.head.catalogue, Timestamp::now());
    reports::write(&run, args.asked.wanted(Some(&args.last_run)))?;
    Ok(run.exit.code())
}

fn of_clients(shards: &[JsonReport], asked: &Asked, task: Task) -> Result<Run, CliError> {
    let inputs = RunInputs::open(asked)?;
    let plan = Plan::new(&inputs.catalogue, &inputs.scenarios, &asked.selection(task, None))?;
    let known = (&inputs.known, inputs.today);
    let mut run = report::merge(shards, &plan, &inputs.catalogue, known, asked.fail_on.into())?;
    run.anchor.clone_from(&inputs.anchor);
    Ok(run)
}
