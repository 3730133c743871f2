//! The command `receiver`: starts a webhook receiver, delivers to it, judges it, and writes the reports.

use std::thread::available_parallelism;

use crate::client::transport::{Exec, adopt_orphans};
use crate::outcome::{KnownFailures, ObligationResult, Rules};
use crate::receiver::{Options, Seen, Start, entries, judged, run, scenarios_of, select};
use crate::report::{Head, Run, Style, command_line};
use crate::requirement::{Catalogue, Grade, Requirement};

use jiff::{Timestamp, ZonedDateTime};

use super::console::{is_colored, note};
use super::error::CliError;
use super::receiver_args::Receiver;
use super::reports;
use super::run_inputs::{anchor, known_failures};
use super::stop::until_stopped;
use super::{receiver_order, stop};

/// Runs `receiver`: tests a receiver and writes the reports.
pub(crate) fn judge(args: &Receiver) -> Result<u8, CliError> {
    if args.order.cases.is_some() || args.order.order.is_some() {
        return receiver_order::judge(args, &options(args));
    }
    let catalogue = Catalogue::of_receiver()?;
    let known = match &args.results.known_failures {
        Some(path) => known_failures(path, &catalogue)?,
        None => KnownFailures::default(),
    };
    let wanted = select(catalogue.obligations(), &args.only, args.grade.map(Into::into)).map_err(CliError::Usage)?;
    args.results.check()?;
    let seen = play(args, &wanted)?;
    let results = judged(&seen, &wanted);
    args.results.accept(&known, &results)?;
    let rules = Rules { unsupported: &[], known: &known, today: ZonedDateTime::now().date(), partial: false };
    let results = rules.apply(results);
    print_lines(&results, &wanted);
    let command = command_line(&args.command);
    let replay = |id: &str| format!("crewpass-contract receiver --only {id} -- {command}");
    let entries = entries(&results, &seen, &wanted, replay);
    let mut run = Run::from_entries(entries, &catalogue, 0, Grade::from(args.fail_on));
    run.anchor = anchor(None);
    run.head = Head::new(&command, catalogue.version(), Timestamp::now());
    reports::write(&run, args.results.wanted())?;
    Ok(run.exit.code())
}

fn play(args: &Receiver, wanted: &[Requirement]) -> Result<Seen, CliError> {
    let options = options(args);
    adopt_orphans()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seen = runtime.block_on(until_stopped(async { run(&scenarios_of(wanted), &options).await }));
    stop::shut_down(runtime);
    let seen = seen?;
    is_startable(&seen)?;
    Ok(seen)
}

fn options(args: &Receiver) -> Options {
    let exec = Exec { argv: args.command.clone(), keep_env: args.keep_env.clone(), ..Exec::default() };
    let jobs = args.jobs.unwrap_or_else(|| available_parallelism().map_or(2, usize::from));
    Options { exec, jobs }
}

/// Refuses a command that was never ready where it should be: that is a mistake in the command, not in a receiver.
fn is_startable(seen: &Seen) -> Result<(), CliError> {
    let mut with_secret = seen.scenarios.iter().filter(|facts| facts.scenario.has_secret()).peekable();
    let Some(first) = with_secret.peek().copied() else { return Ok(()) };
    if with_secret.any(|facts| facts.start == Start::Ready) {
        return Ok(());
    }
    Err(never_ready(first.start, &first.printed))
}

/// Returns the error of a command that did not become ready.
pub(super) fn never_ready(start: Start, printed: &str) -> CliError {
    let what = match start {
        Start::Ended => "the command ended before it accepted a connection on 127.0.0.1:PORT",
        Start::Silent | Start::Ready => "the command accepted no connection on 127.0.0.1:PORT within 30 s",
    };
    let printed = if printed.is_empty() { String::new() } else { format!("; its last line: {printed}") };
    CliError::Usage(crewpass_diagnostics::escape::line(&format!("{what}{printed}"), 400).into_owned())
}

/// Prints a line for each obligation.
fn print_lines(results: &[ObligationResult], wanted: &[Requirement]) {
    for (result, known) in results.iter().zip(wanted) {
        let outcome = Style::of(result.outcome).paint(&format!("{:<14}", result.outcome.name()), is_colored());
        let note_text = result.note.as_deref().filter(|_| result.outcome.name() == "pass");
        let text = note_text.unwrap_or(&known.title);
        note(&format!("{outcome} {} {:<6} {text}\n", result.id, result.grade.name()));
    }
}
