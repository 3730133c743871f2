//! `server`: asks a server everything, judges it, and writes the reports.

use std::fs;
use std::path::Path;

use crewpass_contract::catalogue::{Catalogue, Grade};
use crewpass_contract::outcome::{KnownFailures, Result as Judged, Rules};
use crewpass_contract::report::Run;
use crewpass_contract::runner::until_stopped;
use crewpass_contract::server::{
    Clause, Expectation, OptIn, Options, Seen, catalogue, clauses, entries, judged, visit,
};
use crewpass_contract::text::{Problem, Problems, did_you_mean};
use jiff::ZonedDateTime;

use super::error::CliError;
use super::reports;
use super::say::note;
use super::server_args::Server;

/// Judges a server.
pub(crate) fn judge(args: &Server) -> Result<u8, CliError> {
    let all = clauses().map_err(|problem| CliError::Gate(problem.to_string()))?;
    let known_clauses = catalogue(&all);
    let expect = Expectation::open(&args.expect)?;
    let known = match &args.known_failures {
        Some(path) => known_failures(path, &known_clauses)?,
        None => KnownFailures::default(),
    };
    expect.check_unsupported(&known_clauses, &args.expect.display().to_string())?;
    let wanted = selected(all, args)?;
    let seen = ask(args, &expect)?;
    let results = judged(&seen, &wanted);
    if let Some(path) = &args.write_known_failures {
        let list = known.accepting(&results).written();
        reports::save(path, &list.map_err(|error| CliError::Gate(error.to_string()))?)?;
    }
    let today = ZonedDateTime::now().date();
    let rules = Rules { unsupported: &expect.unsupported, known: &known, today, partial: !args.only.is_empty() };
    let results = rules.apply(results);
    tell(&results, &wanted);
    let fail_on = Grade::from(args.fail_on);
    let run = Run::from_entries(entries(&results, &seen, &wanted), &catalogue(&wanted), 0, fail_on);
    reports::write(&run, &args.report)?;
    Ok(run.exit.code())
}

fn ask<'a>(args: &Server, expect: &'a Expectation) -> Result<Seen<'a>, CliError> {
    let ca =
        args.ca.as_ref().map(|path| fs::read(path).map_err(|source| CliError::File { path: path.clone(), source }));
    let options = Options {
        control: args.control.clone(),
        rate: args.rate,
        hostile: args.hostile,
        limits: args.limits,
        wait: args.wait,
        ca: ca.transpose()?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seen = runtime.block_on(until_stopped(async { Ok(visit(&args.base, expect, &options).await) }));
    let seen = seen.map_err(|error| CliError::Gate(error.to_string()))?;
    let seen = seen.map_err(|error| CliError::Usage(error.to_string()))?;
    for (lever, why) in &seen.stuck {
        note(&format!("the lever {lever} failed: {why}\n"));
    }
    Ok(seen)
}

/// The clauses that are judged: those that were asked for, of those that the options allow.
fn selected(all: Vec<Clause>, args: &Server) -> Result<Vec<Clause>, CliError> {
    let allowed = |clause: &Clause| match clause.only_with {
        Some(OptIn::Hostile) => args.hostile,
        Some(OptIn::Limits) => args.limits,
        None => true,
    };
    let names = |clause: &Clause, name: &String| {
        clause.id.eq_ignore_ascii_case(name) || clause.area().eq_ignore_ascii_case(name)
    };
    for name in &args.only {
        if !all.iter().any(|clause| names(clause, name) && allowed(clause)) {
            let guess = did_you_mean(name, all.iter().flat_map(|clause| [clause.id.as_str(), clause.area()]));
            let guess = guess.map(|guess| format!("; {guess}")).unwrap_or_default();
            return Err(CliError::Usage(format!("no clause that these options allow is `{name}`{guess}")));
        }
    }
    let chosen = |clause: &Clause| args.only.is_empty() || args.only.iter().any(|name| names(clause, name));
    Ok(all.into_iter().filter(|clause| allowed(clause) && chosen(clause)).collect())
}

fn known_failures(path: &Path, clauses: &Catalogue) -> Result<KnownFailures, Problems> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Problem::unreadable(&file, &error))?;
    KnownFailures::parse(&text, &file, clauses)
}

/// A line for each clause.
fn tell(results: &[Judged], clauses: &[Clause]) {
    for (result, clause) in results.iter().zip(clauses) {
        // What a server does where nothing is documented is worth a line of its own.
        let observed = (clause.grade == Grade::OBSERVED).then_some(result.note.as_deref()).flatten();
        let told = observed.filter(|_| result.outcome.name() == "pass").unwrap_or(&clause.title);
        note(&format!("{:<14} {:<14} {told}\n", result.outcome.name(), result.id));
    }
}
