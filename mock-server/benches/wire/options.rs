//! The command line of the bench, and of the bare servers that it starts from its own binary.

use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::bare::Bare;

#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command line")]
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
    /// Instead, a file of 100 MiB from disk against nginx with `sendfile`
    #[arg(long, conflicts_with_all = ["idle", "soak"])]
    large: bool,
    /// Instead, what 10,000 connections cost that asked once and stay open
    #[arg(long, conflicts_with = "soak")]
    idle: bool,
    /// Instead, lists, links and files at once for so long, such as 30s or 10m; fails if memory grows
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    soak: Option<Duration>,
    /// Given by cargo; means nothing here
    #[arg(long = "bench", hide = true)]
    _bench: bool,
    /// What this process is, if not the bench itself
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// The cases, against bare servers.
    Cases,
    /// A large file.
    Large,
    /// Idle connections.
    Idle,
    /// Memory over so long.
    Soak(Duration),
}

fn duration(text: &str) -> std::result::Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|error| format!("{error}"))?;
    Duration::try_from(span).ok().filter(|lasts| !lasts.is_zero()).ok_or_else(|| "it takes some time".to_owned())
}

impl Options {
    /// What is measured.
    pub(crate) const fn mode(&self) -> Mode {
        match self.soak {
            Some(lasts) => Mode::Soak(lasts),
            None if self.large => Mode::Large,
            None if self.idle => Mode::Idle,
            None => Mode::Cases,
        }
    }

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
