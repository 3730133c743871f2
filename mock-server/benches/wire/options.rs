//! The command line of the bench, and of the bare servers that it starts from its own binary.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::bare::Kind;

/// Compares crewpass-mock with bare servers that send the same bytes.
#[derive(Debug, Parser)]
#[command(name = "wire")]
pub(crate) struct Options {
    /// Fail if a ratio is below its floor, which is the aim minus 0.10
    #[arg(long)]
    pub(crate) enforce: bool,
    /// Also measure lists from worlds of 1, 1,000 and 100,000 crew
    #[arg(long)]
    pub(crate) worlds: bool,
    /// Only the cases whose name contains TEXT
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) only: String,
    /// Rounds of each case, each of them once against the fake and once against the bare server
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// How long one side of a round lasts
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 120)]
    round_ms: u64,
    /// Connections kept open to each server
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(crate) connections: usize,
    /// Given by cargo; means nothing here
    #[arg(long = "bench", hide = true)]
    _bench: bool,
    /// What this process is, if not the bench itself
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

impl Options {
    /// How long one side of a round lasts.
    pub(crate) const fn round(&self) -> Duration {
        Duration::from_millis(self.round_ms)
    }
}

/// What a process started by the bench is.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// A bare server.
    #[command(hide = true)]
    Bare(Bare),
}

/// The command line of a bare server.
#[derive(Debug, Args)]
pub(crate) struct Bare {
    /// Which server it is.
    pub(crate) kind: Kind,
    /// A file with the one answer, as it came over the wire.
    pub(crate) answer: PathBuf,
    /// How many crew members the table of a `Kind::AxumMap` holds.
    #[arg(default_value_t = 1)]
    pub(crate) crew: u32,
}
