//! `crewpass-contract`: parse, run, print one error, return its code.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    cli::run()
}
