//! What the fake costs over a bare server that sends the same bytes, on this machine, in one run.
//!
//! For each case the bench asks the fake once, starts a bare server that gives that very answer, and puts the same load
//! on both by turns. The figure that counts is the ratio of the two rates: it says what the fake adds, whatever the
//! machine. Absolute rates are printed for the reader and mean nothing on another machine.
//!
//! Run it with `cargo bench -p crewpass-mock --bench wire`, and with `-- --enforce` to fail below the floors.
//! `CREWPASS_BENCH_SELF=1` puts a bare server in the fake's place: each ratio is then 1.00 but for noise, and how far it
//! is off says what a run on this machine can tell apart.
//!
//! Three more runs measure what a ratio can't tell, each instead of the table: `-- --large` a file of 100 MiB against
//! nginx, `-- --idle` 10,000 connections that stay open, `-- --soak 10m` memory under mixed load.
//!
//! A new case is a line in `case`; a new kind of baseline is a variant of `bare::Kind` with its arm in `bare::serve`.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

mod bare;
mod case;
mod idle;
mod large;
mod load;
mod machine;
mod measure;
mod options;
mod report;
mod server;
mod soak;
mod wire;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::options::{Mode, Options, Role};

/// What goes wrong in a bench is told to a person and ends the run, so it needs no type of its own.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    if let Some(Role::Bare(bare)) = &options.role {
        return bare::serve(bare).map(|()| ExitCode::SUCCESS);
    }
    if cfg!(debug_assertions) {
        println!("wire: built without optimisation, so there is nothing to measure; use `cargo bench`");
        return Ok(ExitCode::SUCCESS);
    }
    let failures = match options.mode() {
        Mode::Cases => measure::all(&options)?,
        Mode::Large => large::run().map(|()| Vec::new())?,
        Mode::Idle => idle::run().map(|()| Vec::new())?,
        Mode::Soak(lasts) => soak::run(lasts)?.into_iter().collect(),
    };
    for failure in &failures {
        println!("{failure}");
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
