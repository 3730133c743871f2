//! What each command of the command line leads to.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use super::args::{Args, Command};
use super::error::CliError;
use super::{ctl, describe, environment, error, explain, generate, new_world, serve, shell, worlds};

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    if let Some(code) = shell::complete(Args::command) {
        return code;
    }
    let line: Vec<_> = std::env::args_os().collect();
    let parsed = environment::parse(Args::command(), &line).and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(refused) => {
            // Help and version are no errors; clap knows where each is printed and with which code.
            let _ = refused.print();
            return ExitCode::from(if refused.use_stderr() { error::USAGE } else { 0 });
        }
    };
    match dispatch(args.command) {
        Ok(code) => code,
        Err(problem) => {
            problem.print();
            ExitCode::from(problem.code())
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::New(args) => new_world::run(&args),
        Command::CheckWorld(args) => worlds::check(&args),
        Command::Schema(args) => worlds::schema(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Explain(args) => return explain::run(&args),
        Command::Describe(args) => describe::run(&args),
        Command::Ctl(args) => return ctl::run(&args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args, Args::command()),
    }?;
    Ok(ExitCode::SUCCESS)
}
