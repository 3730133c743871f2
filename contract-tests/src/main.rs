//! `crewpass-contract`: says that there is nothing to run yet, and never passes for a verdict.

use std::io::Write;
use std::process::ExitCode;

/// The code for a command line that can't be carried out, as the gate will use it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let told = "crewpass-contract: the gate is not built yet; no client or server was judged\n";
    // Nothing can be said about an error stream that can't be written.
    let _ = std::io::stderr().write_all(told.as_bytes());
    ExitCode::from(USAGE)
}
