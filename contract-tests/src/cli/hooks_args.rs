//! The arguments of `hooks`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use clap_complete::engine::ArgValueCandidates;
use crewpass_diagnostics::parse_duration;

use super::server_args::ServerGrade;
use super::shared_args::{EXIT_CODES, Results};
use super::shell::sender_clauses;

/// Examples of how a sender is judged.
const EXAMPLES: &str = "\
Examples:
  The fake, whose control API has every lever:
    crewpass-contract hooks --callback 127.0.0.1:0 --secret whsec_test \\
      --expect expect.yaml --control http://127.0.0.1:8787
  Another sender, whose callback is http://127.0.0.1:9000/ already, with the
  commands under `levers` of the expectation:
    crewpass-contract hooks --callback 127.0.0.1:9000 --secret whsec_test \\
      --expect expect.yaml";

/// The arguments of `hooks`.
#[derive(Debug, ClapArgs)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Hooks {
    /// Listen on this address for deliveries; port 0 takes a free one, and prints it
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) callback: SocketAddr,
    /// The secret that signs the deliveries to this callback
    #[arg(long, env = "WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) secret: String,
    /// The expectation: what is known of the sender, and the commands that change it; `crewpass-mock
    /// describe` writes one for a world
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: PathBuf,
    /// The control API of a crewpass-mock, such as `http://127.0.0.1:8787/__mock`. It sets up the
    /// callback, causes events, moves the clock, and lists dead letters, instead of the commands under `levers`;
    /// the fake is reset at the end
    #[arg(long, value_name = "URL")]
    pub(crate) control: Option<String>,
    /// The URL by which the sender reaches the address, if it is another, such as
    /// `http://host.docker.internal:9000/`
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// If the clock of the sender can't be moved, the longest real time to wait for retries, such as 30m
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) wait: Option<Duration>,
    /// Only this clause, such as CPS-HOOK-08 or HOOK-08 (repeatable)
    #[arg(long, value_name = "ID", value_delimiter = ',', add = ArgValueCandidates::new(sender_clauses))]
    pub(crate) only: Vec<String>,
    /// Judge only clauses of at least this grade [default: all clauses, including undocumented
    /// behaviour]
    #[arg(long, value_enum)]
    pub(crate) grade: Option<ServerGrade>,
    /// The lowest grade whose broken clauses fail the run
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: ServerGrade,
    #[command(flatten)]
    pub(crate) results: Results,
}
