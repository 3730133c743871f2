//! `crewpass-reference-client`: the client that keeps every obligation of the catalogue, and one-bug variants of it.
//!
//! It is the gate's own subject: the good client must pass everything, each variant must be caught by the obligations
//! that its row in `bugs` names, and by no other. A client to copy is in `examples/clients`.

use std::env;
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::bugs::Bug;
use crate::config::{Arguments, Config};
use crate::download::Outcome;
use crate::failure::{Class, Failure};
use crate::http::Http;

mod bug_list;
mod bugs;
mod config;
mod download;
mod failure;
mod file;
mod fleet;
mod folder;
mod home;
mod http;
mod link;
mod list;
mod names;
mod pages;
mod part;
mod refusal;
mod report;
mod resume;
mod retry;
mod session;

/// Something was saved, but not all.
const PARTIAL: u8 = 10;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_bugs {
        return list_bugs();
    }
    if arguments.session {
        return session::serve(arguments.bug).map_or_else(|failure| report_failure(&failure), |()| ExitCode::SUCCESS);
    }
    let outcome = Config::new(arguments).map(|config| (start(&config), config));
    match outcome {
        Ok((Ok(outcome), config)) => exit(&config, &outcome),
        Ok((Err(failure), _)) | Err(failure) => report_failure(&failure),
    }
}

fn list_bugs() -> ExitCode {
    match bug_list::listed() {
        Ok(table) => {
            // A reader that has seen enough may be gone.
            let _ = writeln!(io::stdout(), "{table}");
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::from(Class::Local as u8),
    }
}

/// Says why nothing was begun.
fn report_failure(failure: &Failure) -> ExitCode {
    // Without a stderr there is nobody to tell.
    let _ = writeln!(io::stderr(), "{}", failure.message);
    ExitCode::from(failure.class as u8)
}

/// Runs until all is done, or until SIGTERM: then what was begun is undone by the files' own guards.
fn start(config: &Config) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            outcome = once(config) => outcome,
            _ = terminated.recv(), if !config.has(Bug::IgnoresSigterm) => Err(Failure::local("terminated")),
        }
    })
}

/// Runs the client once.
async fn once(config: &Config) -> Result<Outcome, Failure> {
    match config.bug {
        Some(Bug::RefusesEverything) => return Err(Failure::local("no")),
        Some(Bug::DoesNothing) => return Ok(Outcome::default()),
        Some(Bug::CrashesAtOnce) => std::process::abort(),
        Some(Bug::ForksAndExits) => return fork(config),
        Some(Bug::LogsKey) => report::done(config, &format!("key {}", config.key.0)),
        _ => {}
    }
    let http = Http::new(config.clone())?;
    Ok(if config.is_fleet { fleet::all(http).await } else { download::all(http).await })
}

/// Leaves the work to a good client in another process.
fn fork(config: &Config) -> Result<Outcome, Failure> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(&config.crew_id).arg(&config.out_dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    Ok(Outcome::default())
}

/// Returns the exit code: the class of the first failure, or that not everything was saved.
fn exit(config: &Config, outcome: &Outcome) -> ExitCode {
    ExitCode::from(code(config, outcome))
}

fn code(config: &Config, outcome: &Outcome) -> u8 {
    let Some(first) = outcome.failures.first() else { return 0 };
    report::wrong(config, &format!("{} saved, {} failed: {}", outcome.saved, outcome.failures.len(), first.message));
    match config.bug {
        Some(Bug::PartialIsFine) if outcome.saved > 0 => 0,
        Some(Bug::Mute) => 1,
        Some(Bug::DiesBySignal) if first.status == Some(401) => std::process::abort(),
        _ if outcome.saved > 0 => PARTIAL,
        _ => first.class as u8,
    }
}
