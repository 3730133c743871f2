//! `crewpass-contract`: runs the command line and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    crewpass_contract::cli::run()
}
