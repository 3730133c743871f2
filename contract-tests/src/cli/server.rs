//! The command `server`: probes a server, judges it, and writes the reports.

use std::fs;

use crate::outcome::{ObligationResult, Rules};
use crate::report::{Head, Run, Style};
use crate::requirement::{Grade, OptIn, Requirement};
use crate::server::{Expectation, Options, Seen, Selection, entries, judged, run};

use crewpass_diagnostics::mask_text;
use jiff::Timestamp;

use super::console::{is_colored, note};
use super::error::CliError;
use super::reports;
use super::run_inputs::anchor;
use super::server_args::Server;
use super::server_inputs::ServerInputs;
use super::shared_args::selected;
use super::stop::until_stopped;
use super::waiting::Waiting;

/// Runs `server`: tests a server and writes the reports.
pub(crate) fn judge(args: &Server) -> Result<u8, CliError> {
    let inputs = ServerInputs::open(args.results.known_failures.as_deref())?;
    let expect = Expectation::open(&args.expect)?;
    expect.check_unsupported(&args.expect.display().to_string())?;
    let wanted = inputs.wanted(&selection(args))?;
    args.results.check()?;
    let seen = ask(args, &expect, &wanted)?;
    let results = judged(&seen, &wanted);
    args.results.accept(&inputs.known, &results)?;
    // Each clause is judged once and completely, so no result is partial.
    let rules = Rules { unsupported: &expect.unsupported, known: &inputs.known, today: inputs.today, partial: false };
    let results = rules.apply(results);
    print_lines(&results, &wanted);
    let fail_on = Grade::from(args.fail_on);
    let mut run = Run::from_entries(entries(&results, &seen, &wanted), &inputs.catalogue, 0, fail_on);
    if !args.posts {
        inputs.spare_posts(&mut run);
    }
    run.anchor = anchor(None);
    run.shard = args.shard;
    let part = selected(&args.only, args.grade.map(Into::into), args.shard);
    run.head = Head::new(&mask_text(&args.base), inputs.catalogue.version(), Timestamp::now()).selected_by(&part);
    reports::write(&run, args.results.wanted())?;
    Ok(run.exit.code())
}

fn selection(args: &Server) -> Selection {
    let options = [(args.hostile, OptIn::Hostile), (args.limits, OptIn::Limits), (args.posts, OptIn::Posts)];
    let allowed = options.into_iter().filter(|(given, _)| *given).map(|(_, option)| option).collect();
    Selection { only: args.only.clone(), grade: args.grade.map(Into::into), allowed, shard: args.shard }
}

fn ask<'a>(args: &Server, expect: &'a Expectation, wanted: &[Requirement]) -> Result<Seen<'a>, CliError> {
    // A variable may name an authority that a server without TLS does not need.
    let ca = args.ca.as_ref().filter(|_| args.base.starts_with("https:"));
    let ca = ca.map(|path| fs::read(path).map_err(|source| CliError::File { path: path.clone(), source }));
    let waiting = Waiting::begin();
    let options = Options {
        control: args.control.clone(),
        rate: args.rate,
        hostile: args.hostile,
        limits: args.limits,
        posts: args.posts,
        wait: args.wait,
        response_limit: None,
        ca: ca.transpose()?,
        only: wanted.iter().map(|clause| clause.id.clone()).collect(),
        steps: waiting.steps(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seen = runtime.block_on(until_stopped(async { Ok(run(&args.base, expect, &options).await) }));
    drop(waiting);
    let seen = seen?;
    let seen = seen.map_err(|error| CliError::Usage(error.to_string()))?;
    for (lever, why) in &seen.stuck {
        note(&format!("the lever {lever} failed: {why}\n"));
    }
    Ok(seen)
}

/// Prints a line for each clause.
pub(super) fn print_lines(results: &[ObligationResult], clauses: &[Requirement]) {
    for (result, clause) in results.iter().zip(clauses) {
        // An observation about undocumented behaviour is more useful than the title.
        let observed = (clause.grade == Grade::OBSERVED).then_some(result.note.as_deref()).flatten();
        let text = observed.filter(|_| result.outcome.name() == "pass").unwrap_or(&clause.title);
        let outcome = Style::of(result.outcome).paint(&format!("{:<14}", result.outcome.name()), is_colored());
        note(&format!("{outcome} {:<14} {text}\n", result.id));
    }
}
