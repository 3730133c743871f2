//! The command `merge`: combines the JSON reports of all shards, with the exit code of the whole.

use std::fs;
use std::path::PathBuf;

use crate::client::plan::Plan;
use crate::client::task::Task;
use crate::receiver::Scenario;
use crate::report::{self, Head, JsonReport, Run};
use jiff::Timestamp;

use super::client_args::{Asked, Merge};
use super::error::CliError;
use super::reports;
use super::run_inputs::RunInputs;
use super::server_inputs::{ServerInputs, is_of_server};
use super::shared_args::selected;

/// Runs `merge`.
pub(crate) fn merge(args: &Merge) -> Result<u8, CliError> {
    let mut shards = Vec::new();
    for path in &args.files {
        let text = fs::read_to_string(path).map_err(|source| CliError::File { path: path.clone(), source })?;
        shards.push(JsonReport::parse(&text)?);
    }
    check_commands(&args.files, &shards)?;
    let mut run = if shards.iter().any(is_of_server) {
        ServerInputs::open(args.asked.known_failures.as_deref())?.merged(&shards, &args.asked)?
    } else {
        of_clients(&shards, &args.asked, args.task)?
    };
    let files: Vec<_> = args.files.iter().map(|path| path.display().to_string()).collect();
    let subject = format!("merged from {}", files.join(", "));
    let part = selected(&args.asked.only, args.asked.grade.map(Into::into), None);
    run.head = Head::new(&subject, run.head.catalogue, Timestamp::now()).selected_by(&part);
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

/// Refuses reports that are not the parts of one run: only `client` and `server` run in parts.
fn check_commands(files: &[PathBuf], shards: &[JsonReport]) -> Result<(), CliError> {
    let commands = files.iter().zip(shards).filter_map(|(path, report)| Some((path.display(), command_of(report)?)));
    let commands: Vec<_> = commands.collect();
    let Some((first, command)) = commands.first() else { return Ok(()) };
    if let Some((path, command)) = commands.iter().find(|(_, command)| matches!(*command, "receiver" | "hooks")) {
        return Err(CliError::Usage(format!(
            "{path} is a report of `crewpass-contract {command}`, which judges everything in one run: `merge` combines the \
             parts of one run of `client` or `server`, made with --shard"
        )));
    }
    match commands.iter().find(|(_, other)| other != command) {
        Some((path, other)) => Err(CliError::Usage(format!(
            "{first} is a report of `{command}`, and {path} one of `{other}`: merge the parts of each run alone"
        ))),
        None => Ok(()),
    }
}

/// Returns the command that wrote a report; `None` for a report of nothing.
fn command_of(report: &JsonReport) -> Option<&'static str> {
    // A receiver also owes obligations of clients, in further cases.
    if report.obligations.iter().any(|one| one.id.starts_with("CPK-HOOK-") || Scenario::named(&one.scenario).is_some())
    {
        return Some("receiver");
    }
    let id = report.obligations.first()?.id.as_str();
    let commands = [("CPS-HOOK-", "hooks"), ("CPS-", "server"), ("CPK-", "client")];
    commands.into_iter().find(|(start, _)| id.starts_with(start)).map(|(_, command)| command)
}
