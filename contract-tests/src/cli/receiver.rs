//! The command `receiver`: starts a webhook receiver, delivers to it, judges it, and writes the reports.

use std::thread::available_parallelism;

use crate::client::run::StopSignal;
use crate::client::transport::{Exec, adopt_orphans};
use crate::outcome::{Exit, KnownFailures, ObligationResult, Outcome, Rules, merged};
use crate::receiver::{
    Options, Scenario, Seen, Start, catalogue, entries, is_owed, judged, needs_start, run_until, scenarios_of, select,
};
use crate::report::{Entry, Head, Run, Style, command_line, quoted};
use crate::requirement::{Grade, Requirement};
use crate::steps::Steps;

use jiff::{Timestamp, ZonedDateTime};

use super::console::{is_colored, note};
use super::error::CliError;
use super::receiver_args::Receiver;
use super::receiver_downloads::{Downloads, play_downloads};
use super::reports;
use super::run_inputs::{anchor, known_failures};
use super::shared_args::selected;
use super::stop::{Reporting, Stop};
use super::waiting::Waiting;
use super::{receiver_order, stop};

/// Runs `receiver`: tests a receiver and writes the reports.
pub(crate) fn judge(args: &Receiver) -> Result<u8, CliError> {
    if args.order.cases.is_some() || args.order.order.is_some() {
        return receiver_order::judge(args, &options(args));
    }
    let catalogue = catalogue()?;
    let known = match &args.results.known_failures {
        Some(path) => known_failures(path, &catalogue)?,
        None => KnownFailures::default(),
    };
    let wanted = select(catalogue.obligations(), &args.only, args.grade.map(Into::into)).map_err(CliError::Usage)?;
    let running = args.running.read()?;
    let wanted = if running.is_some() { without_start(wanted, &args.only)? } else { wanted };
    args.results.check()?;
    let waiting = Waiting::begin();
    let options = Options { running, steps: waiting.steps(), ..options(args) };
    adopt_orphans()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let played = runtime.block_on(play(&options, &wanted));
    drop(waiting);
    let Played { seen, downloads, stopped, reporting: _reporting } = played?;
    let of_deliveries: Vec<_> = wanted.iter().filter(|known| !is_owed(known)).cloned().collect();
    let mut results = judged(&seen, &of_deliveries);
    let count = results.len();
    results.extend(downloads.iter().flat_map(|downloads| downloads.results.iter().cloned()));
    if stopped.is_some() {
        leave_open(&mut results);
    }
    if stopped.is_none() {
        args.results.accept(&known, &results)?;
    }
    let rules =
        Rules { unsupported: &[], known: &known, today: ZonedDateTime::now().date(), partial: stopped.is_some() };
    let mut results = rules.apply(results);
    print_lines(&results, &wanted);
    let of_downloads = results.split_off(count);
    let command =
        args.running.url.as_ref().map_or_else(|| command_line(&args.command), |url| format!("--url {}", quoted(url)));
    let subject = args.running.url.as_ref().map_or_else(|| format!("-- {command}"), |_| args.running.as_written());
    let replay = |id: &str| format!("crewpass-contract receiver --only {id} {subject}");
    let of_cases = downloads.map(|downloads| Run::new(&of_downloads, &downloads.played, &catalogue, 0, Grade::MUST));
    let mut all = entries(&results, &seen, &of_deliveries, replay);
    let cases = of_cases.as_ref().map_or(&[][..], |run| &run.entries);
    all.extend(cases.iter().map(|entry| Entry { replay: replay(&entry.id), ..entry.clone() }));
    let mut run = Run::from_entries(all, &catalogue, 0, Grade::from(args.fail_on));
    if let Some(of_cases) = of_cases {
        (run.transcripts, run.durations) = (of_cases.transcripts, of_cases.durations);
    }
    run.anchor = anchor(None);
    let part = selected(&args.only, args.grade.map(Into::into), None);
    run.head = Head::new(&command, catalogue.version(), Timestamp::now()).selected_by(&part);
    run.exit = stopped.map_or(run.exit, Exit::Stopped);
    let written = reports::write(&run, args.results.wanted());
    stop::shut_down(runtime);
    written?;
    Ok(run.exit.code())
}

/// Leaves open what a receiver without files would be said not to show: it may have been stopped before the first.
fn leave_open(results: &mut [ObligationResult]) {
    for result in results.iter_mut().filter(|result| result.outcome == Outcome::NotObservable) {
        result.outcome = Outcome::NotExercised;
        result.note = Some("the gate was stopped before".to_owned());
    }
}

/// What a receiver did.
struct Played {
    /// With deliveries.
    seen: Seen,
    /// With what it downloads, if that was asked for.
    downloads: Option<Downloads>,
    /// The signal that stopped the gate, if one did.
    stopped: Option<StopSignal>,
    /// Dropped when the reports are written and the receivers are gone.
    reporting: Reporting,
}

async fn play(options: &Options, wanted: &[Requirement]) -> Result<Played, CliError> {
    let mut scenarios = scenarios_of(wanted);
    if scenarios.is_empty() {
        // It detects a command that does not serve.
        scenarios.push(Scenario::Valid);
    }
    let stop = Stop::listen()?;
    let stopped = async {
        stop.wait().await;
    };
    let seen = run_until(&scenarios, options, stopped).await?;
    // From a stop on, there is time for little but the reports.
    let reporting = stop.now().map(|_| Reporting::begin());
    if reporting.is_none() {
        is_startable(&seen, options)?;
    }
    let downloads = play_downloads(options, wanted, &stop).await?;
    let reporting = reporting.unwrap_or_else(Reporting::begin);
    Ok(Played { seen, downloads, stopped: stop.now(), reporting })
}

fn options(args: &Receiver) -> Options {
    let exec = Exec { argv: args.command.clone(), keep_env: args.keep_env.clone(), ..Exec::default() };
    let jobs = args.jobs.unwrap_or_else(|| available_parallelism().map_or(2, usize::from));
    Options { exec, jobs, running: None, steps: Steps::default() }
}

/// Refuses a command that was never ready where it should be: that is a mistake in the command, not in a receiver.
fn is_startable(seen: &Seen, options: &Options) -> Result<(), CliError> {
    let mut with_secret = seen.scenarios.iter().filter(|facts| facts.scenario.has_secret()).peekable();
    let Some(first) = with_secret.peek().copied() else { return Ok(()) };
    if with_secret.any(|facts| facts.start == Start::Ready) {
        return Ok(());
    }
    if let Some(running) = &options.running {
        let authority = &running.url.authority;
        return Err(CliError::Usage(format!(
            "nothing accepted a connection on {authority} within 30 s: start the receiver"
        )));
    }
    Err(never_ready(first.start, &first.printed))
}

/// Returns those of the obligations that can be judged with a receiver that runs already, and says which can't.
fn without_start(wanted: Vec<Requirement>, only: &[String]) -> Result<Vec<Requirement>, CliError> {
    let (left_out, kept): (Vec<_>, Vec<_>) = wanted.into_iter().partition(needs_start);
    let ids = left_out.iter().map(|known| known.id.as_str()).collect::<Vec<_>>().join(", ");
    if kept.is_empty() || (!only.is_empty() && !left_out.is_empty()) {
        return Err(CliError::Usage(format!(
            "--url: {ids} can be judged only if the gate starts the receiver: `-- CMD`"
        )));
    }
    if !left_out.is_empty() {
        note(&format!("not judged, since the gate does not start the receiver: {ids}\n"));
    }
    Ok(kept)
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

/// Prints a line for each obligation, once it is judged in every case.
fn print_lines(results: &[ObligationResult], wanted: &[Requirement]) {
    let merged = merged(results);
    for known in wanted {
        let Some((_, outcome)) = merged.get(&known.id) else { continue };
        let painted = Style::of(*outcome).paint(&format!("{:<14}", outcome.name()), is_colored());
        let of_this = results.iter().find(|result| result.id == known.id && result.outcome == *outcome);
        let note_text = of_this.and_then(|result| result.note.as_deref()).filter(|_| outcome.name() == "pass");
        let text = note_text.unwrap_or(&known.title);
        note(&format!("{painted} {} {:<6} {text}\n", known.id, known.grade.name()));
    }
}
