//! The command `hooks`: listens as a callback, judges a sender of webhooks, and writes the reports.

use std::net::SocketAddr;
use std::sync::OnceLock;

use crate::outcome::{KnownFailures, Rules};
use crate::report::{Head, Run, quoted};
use crate::requirement::{Catalogue, Grade, Requirement};
use crate::sender::{Options, Seen, entries, judged, run};
use crate::server::{Expectation, Selection};

use crewpass_diagnostics::mask_text;
use jiff::{Timestamp, ZonedDateTime};

use super::console::note;
use super::error::CliError;
use super::hooks_args::Hooks;
use super::reports;
use super::run_inputs::{anchor, known_failures};
use super::server::print_lines;
use super::shared_args::selected;
use super::stop::until_stopped;
use super::waiting::Waiting;

/// Runs `hooks`: tests a sender and writes the reports.
pub(crate) fn judge(args: &Hooks) -> Result<u8, CliError> {
    let catalogue = Catalogue::of_sender()?;
    let known = match &args.results.known_failures {
        Some(path) => known_failures(path, &catalogue)?,
        None => KnownFailures::default(),
    };
    let expect = Expectation::open(&args.expect)?;
    expect.check_unsupported(&args.expect.display().to_string())?;
    let selection = Selection { only: args.only.clone(), grade: args.grade.map(Into::into), ..Selection::default() };
    let wanted = selection.select(catalogue.obligations()).map_err(|error| CliError::Usage(error.to_string()))?;
    args.results.check()?;
    let waiting = Waiting::begin();
    let options = Options { steps: waiting.steps(), ..options(args, &wanted) };
    let (seen, address) = observe(&expect, &options)?;
    drop(waiting);
    let results = judged(&seen, &wanted);
    args.results.accept(&known, &results)?;
    let today = ZonedDateTime::now().date();
    let rules = Rules { unsupported: &expect.unsupported, known: &known, today, partial: false };
    let results = rules.apply(results);
    print_lines(&results, &wanted);
    let replay = |id: &str| replay(args, id);
    let mut run =
        Run::from_entries(entries(&results, &seen, &wanted, replay), &catalogue, 0, Grade::from(args.fail_on));
    run.anchor = anchor(None);
    run.head = Head::new(
        &format!("deliveries to {}", address.unwrap_or(args.callback)),
        catalogue.version(),
        Timestamp::now(),
    )
    .selected_by(&selected(&args.only, args.grade.map(Into::into), None));
    reports::write(&run, args.results.wanted())?;
    Ok(run.exit.code())
}

fn options(args: &Hooks, wanted: &[Requirement]) -> Options {
    Options {
        url: args.url.clone(),
        control: args.control.clone(),
        wait: args.wait,
        only: wanted.iter().map(|clause| clause.id.clone()).collect(),
        ..Options::new(args.callback, &args.secret)
    }
}

/// Observes a sender, and returns the address that the callback had.
fn observe<'a>(expect: &'a Expectation, options: &'a Options) -> Result<(Seen<'a>, Option<SocketAddr>), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let bound = OnceLock::new();
    let listening = |address: SocketAddr| {
        note(&format!("listening on {address}\n"));
        let _ = bound.set(address);
    };
    let seen = runtime.block_on(until_stopped(async { Ok(run(expect, options, listening).await) }))?;
    let seen = seen.map_err(|error| CliError::Usage(error.to_string()))?;
    for (lever, why) in &seen.stuck {
        note(&format!("the lever {lever} failed: {why}\n"));
    }
    Ok((seen, bound.get().copied()))
}

/// Returns the command that judges one clause again; the secret is a variable that the tester sets.
fn replay(args: &Hooks, id: &str) -> String {
    let mut line =
        format!("crewpass-contract hooks --only {id} --callback {} --secret \"$WEBHOOK_SECRET\"", args.callback);
    let expect = args.expect.display().to_string();
    let control = args.control.as_deref().map(mask_text);
    let wait = args.wait.map(|wait| format!("{}s", wait.as_secs()));
    let options = [
        ("--expect", Some(expect.as_str())),
        ("--control", control.as_deref()),
        ("--url", args.url.as_deref()),
        ("--wait", wait.as_deref()),
    ];
    for (name, value) in options {
        line.extend(value.map(|value| format!(" {name} {}", quoted(value))));
    }
    line
}
