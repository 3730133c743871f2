//! The arguments of `receiver`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::engine::ArgValueCandidates;

use super::client_args::DEFAULT_SEED;
use super::shared_args::{EXIT_CODES, GradeArg, Results};
use super::shell::receiver_obligations;

const COMMAND: &str = "The command that serves 127.0.0.1:PORT, with its arguments; PORT, WEBHOOK_PATH and \
    WEBHOOK_SECRET are in its environment (docs/receiver-gate.md)";

/// The arguments of `receiver`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Receiver {
    /// Only this obligation, such as CPK-HOOK-02 or HOOK-02 (repeatable)
    #[arg(long, value_name = "ID", value_delimiter = ',', add = ArgValueCandidates::new(receiver_obligations))]
    pub(crate) only: Vec<String>,
    /// Judge only obligations of at least this grade
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// The lowest grade whose broken obligations fail the run
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: GradeArg,
    /// The most scenarios that run at the same time, each with a receiver of its own [default: the
    /// number of cores]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Pass this environment variable to the receiver (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) keep_env: Vec<String>,
    #[command(flatten)]
    pub(crate) results: Results,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    #[arg(last = true, required = true, value_name = "CMD", help = COMMAND)]
    pub(crate) command: Vec<String>,
}

/// What is about the judged obligations, and not about drawn orders.
const OF_OBLIGATIONS: [&str; 6] = ["only", "grade", "fail_on", "known_failures", "write_known_failures", "report"];

/// The arguments of property mode: drawn orders of deliveries.
#[derive(Debug, ClapArgs)]
pub(crate) struct OrderArgs {
    /// Instead of the scenarios, play N random sequences of deliveries with repeated, lost and older
    /// events and outages, and reduce the first one that fails to a short one
    #[arg(long, value_name = "N", conflicts_with_all = OF_OBLIGATIONS)]
    pub(crate) cases: Option<u32>,
    /// The seed of the random sequences
    #[arg(long, default_value_t = DEFAULT_SEED, requires = "cases")]
    pub(crate) seed: u64,
    /// The most plays for making a counterexample smaller
    #[arg(long, value_name = "N", default_value_t = 100, requires = "cases")]
    pub(crate) shrinks: u32,
    /// Write a counterexample to this file; `--order` plays it again
    #[arg(long, value_name = "FILE", default_value = "crewpass-receiver-order.yaml", requires = "cases")]
    pub(crate) save: PathBuf,
    /// Play the order in this file
    #[arg(long, value_name = "FILE", conflicts_with = "cases", conflicts_with_all = OF_OBLIGATIONS)]
    pub(crate) order: Option<PathBuf>,
}
