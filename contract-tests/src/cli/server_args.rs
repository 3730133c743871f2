//! The arguments of `server`.

use std::path::PathBuf;

use crate::client::plan::Shard;
use crate::requirement::Grade;
use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::engine::ArgValueCandidates;

use super::client_args::shard;
use super::shared_args::{EXIT_CODES, Results};
use super::shell::clauses;

/// A grade that can fail a run; clauses that are only observed never do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ServerGrade {
    /// Documented behaviour
    Must,
    /// Plain HTTP and safety, in addition
    Should,
}

impl From<ServerGrade> for Grade {
    fn from(grade: ServerGrade) -> Self {
        match grade {
            ServerGrade::Must => Self::MUST,
            ServerGrade::Should => Self::SHOULD,
        }
    }
}

/// The arguments of `server`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct Server {
    /// The server's base URL: everything before `/api`
    #[arg(long, value_name = "URL")]
    pub(crate) base: String,
    /// The expectation: what is known of the server; `crewpass-mock describe` writes one for a
    /// world
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: PathBuf,
    /// The control API of a crewpass-mock, such as `http://127.0.0.1:8787/__mock`. It moves the clock,
    /// stops the file store and uploads files, instead of the commands under `levers`; the fake is
    /// reset at the end
    #[arg(long, value_name = "URL")]
    pub(crate) control: Option<String>,
    /// Also send requests that no correct client sends: unusual ids, other methods, changed tokens
    #[arg(long)]
    pub(crate) hostile: bool,
    /// Also send a burst of requests, with the key that the expectation names `limited`
    #[arg(long)]
    pub(crate) limits: bool,
    /// Also send the two documented POSTs, which only read: lookups by e-mail address and compliance checks
    #[arg(long)]
    pub(crate) posts: bool,
    /// If the clock of the server can't be moved, wait until a link expires: about 15 minutes
    #[arg(long)]
    pub(crate) wait: bool,
    /// Requests per second
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: u32,
    /// If the base URL is https, also trust this CA certificate (PEM)
    #[arg(long, value_name = "FILE", env = "CPK_CA_FILE", hide_env_values = true)]
    pub(crate) ca: Option<PathBuf>,
    /// Only this clause or area, such as CPS-LIST-03, LIST-03 or LIST (repeatable)
    #[arg(long, value_name = "ID|AREA", value_delimiter = ',', add = ArgValueCandidates::new(clauses))]
    pub(crate) only: Vec<String>,
    /// Judge only clauses of at least this grade [default: all clauses, including undocumented
    /// behaviour]
    #[arg(long, value_enum)]
    pub(crate) grade: Option<ServerGrade>,
    /// The lowest grade whose broken clauses fail the run
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: ServerGrade,
    /// Judge one of n parts of the clauses, such as 2/4; `merge` combines the reports. If levers
    /// change the server, give each part another one
    #[arg(long, value_name = "i/n", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) results: Results,
}
