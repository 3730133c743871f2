//! What each command of the command line leads to.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use crewpass_diagnostics::terminal;

use super::args::{Args, Command, ScenarioCommand};
use super::console::{note, width};
use super::error::CliError;
use super::{
    client, doctor, error, hooks, list, merge, missing_dashes, observe, property, receiver, scenario, server, shell,
    show,
};

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    if let Some(code) = shell::complete(Args::command) {
        return ExitCode::from(code);
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(refused) => {
            // Help and version are not errors; clap knows where to print them and the exit code.
            let line: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
            match missing_dashes::advice(&line, &refused) {
                Some(advice) => note(&format!("crewpass-contract: {advice}")),
                None => drop(refused.print()),
            }
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
        Command::Hooks(args) => return hooks::judge(&args),
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
