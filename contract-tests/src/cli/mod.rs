//! The command line: arguments, output and exit codes.

mod args;
mod client;
mod client_args;
mod console;
mod doctor;
mod error;
mod list;
mod list_args;
mod merge;
mod observe;
mod player;
mod preflight;
mod progress;
mod property;
mod receiver;
mod receiver_args;
mod receiver_order;
mod reports;
mod run_inputs;
mod scenario;
mod server;
mod server_args;
mod server_inputs;
mod shared_args;
mod shell;
mod show;
mod snapshot;
mod stop;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use crewpass_diagnostics::terminal;

use args::{Args, Command, ScenarioCommand};
use console::{note, width};
use error::CliError;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    if let Some(code) = shell::complete(Args::command) {
        return ExitCode::from(code);
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(refused) => {
            // Help and version are not errors; clap knows where to print them and the exit code.
            let _ = refused.print();
            return ExitCode::from(if refused.use_stderr() { error::USAGE } else { 0 });
        }
    };
    match dispatch(args.command) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            complain(&problem);
            ExitCode::from(problem.code())
        }
    }
}

/// Prints on the error stream why a command ended without a verdict.
fn complain(problem: &CliError) {
    match problem {
        CliError::Text(problems) => note(&problems.render(terminal::has_color(&std::io::stderr()), width())),
        other => note(&format!("crewpass-contract: {other}\n")),
    }
}

fn dispatch(command: Command) -> Result<u8, CliError> {
    match command {
        Command::Client(args) => return client::judge(&args),
        Command::Server(args) => return server::judge(&args),
        Command::Receiver(args) => return receiver::judge(&args),
        Command::Replay(args) => return client::replay(&args),
        Command::Observe(args) => return observe::observe(&args),
        Command::Property(args) => return property::property(&args),
        Command::Merge(args) => return merge::merge(&args),
        Command::Doctor(args) => return doctor::doctor(&args),
        Command::Scenario(ScenarioCommand::Check { file }) => scenario::check(&file)?,
        Command::Scenario(ScenarioCommand::FromHar { file, crew, out }) => {
            scenario::har(&file, crew.as_deref(), out.as_deref())?;
        }
        Command::Show(args) => show::show(&args)?,
        Command::List(args) => list::list(&args)?,
        Command::Explain(args) => list::explain(&args)?,
        Command::Schema(args) => list::schema(&args)?,
        Command::Completions(args) => shell::completions(&args)?,
        Command::Man(args) => shell::man(&args, Args::command())?,
    }
    Ok(0)
}
