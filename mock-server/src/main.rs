//! `crewpass-mock`: runs the command line and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    crewpass_mock::cli::run()
}
