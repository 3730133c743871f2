//! What a run of the gate takes on this machine, and how much of it is the gate's own.
//!
//! Three subjects: the reference client and the Python example through the whole catalogue, and a client in this process
//! through drawn cases without a wait. With `-- --enforce` it fails if the gate needs too much of the time of a case for
//! itself, and if the catalogue takes too long on a machine that had nothing else to do.
//!
//! Run it with `make bench-gate`, or one part of it with `cargo bench -p crewpass-contract --bench gate -- PART`, which is
//! `catalogue`, `rate` or `memory`.

#![expect(clippy::print_stdout, reason = "the figures are what a bench is for")]

mod catalogue;
mod client;
mod drawn;
mod machine;

use std::process::ExitCode;
use std::time::Duration;

/// An error of a bench is printed and ends the run, so it needs no error type.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// So much of a case may be the gate's own.
const OWN: f64 = 0.10;

fn main() -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        println!("gate: built without optimisation, so there is nothing to measure; use `cargo bench`");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}\n", machine::describe()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let reference = vec![env!("REFERENCE_CLIENT").to_owned()];
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clients/python/crewpass_documents.py");
    let python = ["python3", example, "{crew_id}", "{out_dir}"].map(ToOwned::to_owned).to_vec();
    let subjects = [("the reference client", reference, 15), ("the Python example", python, 40)];
    let mut failures = Vec::new();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|named| named == part);
    for (name, command, aim) in subjects.into_iter().filter(|_| is_wanted("catalogue")) {
        let took = runtime.block_on(catalogue::play(command))?;
        println!("whole catalogue, {name} (aim: {aim} s)\n{took}");
        if took.own() >= OWN {
            failures.push(format!("{name}: the gate's own part of a case is over {:.0} %", OWN * 100.0));
        }
        if took.is_too_long(Duration::from_secs(aim)) {
            failures.push(format!("{name}: the whole catalogue takes longer than {aim} s on an idle machine"));
        }
    }
    if is_wanted("rate") {
        runtime.block_on(drawn::rate())?;
    }
    if is_wanted("memory") {
        runtime.block_on(drawn::memory())?;
    }
    for failure in &failures {
        println!("{failure}");
    }
    let enforce = std::env::args().any(|argument| argument == "--enforce");
    Ok(if failures.is_empty() || !enforce { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
