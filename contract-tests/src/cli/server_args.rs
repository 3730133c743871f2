//! The arguments of `server`.

use std::path::PathBuf;

use crate::client::plan::Shard;
use crate::report::Format;
use crate::requirement::Grade;
use clap::{Args as ClapArgs, ValueEnum};

use super::client_args::{report, shard};
use super::shared_args::EXIT_CODES;

/// A grade that fails the gate; what is only observed never does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ServerGrade {
    /// What is documented
    Must,
    /// And plain HTTP and safety
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

/// `server`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Server {
    /// Where the server is: scheme, host and what stands before `/api`
    #[arg(long, value_name = "URL")]
    pub(crate) base: String,
    /// What is known of it; `crewpass-mock describe` writes one for a world
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: PathBuf,
    /// The control API of crewpass-mock, which brings every lever; it is reset in the end
    #[arg(long, value_name = "URL")]
    pub(crate) control: Option<String>,
    /// Also send what no good client sends: odd ids, other methods, changed tokens
    #[arg(long)]
    pub(crate) hostile: bool,
    /// Also send a burst with the key `limited`
    #[arg(long)]
    pub(crate) limits: bool,
    /// Without a lever for the clock, wait until a link expires
    #[arg(long)]
    pub(crate) wait: bool,
    /// Requests a second
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: u32,
    /// Trust this CA, too (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Only clauses of this id or area, such as CPS-LIST-03 or LIST (repeatable)
    #[arg(long, value_name = "ID|AREA", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Clauses of this grade and of graver ones; without it also those that are only observed
    #[arg(long, value_enum)]
    pub(crate) grade: Option<ServerGrade>,
    /// Up to which grade a broken clause fails the gate
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: ServerGrade,
    /// Judge one of n parts of the clauses, such as 2/4; each part asks a server of its own if levers are pulled, and
    /// `merge` puts the reports together
    #[arg(long, value_name = "i/n", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// The list of known failures
    #[arg(long, value_name = "PATH")]
    pub(crate) known_failures: Option<PathBuf>,
    /// Write a list that accepts everything that fails in this run
    #[arg(long, value_name = "PATH")]
    pub(crate) write_known_failures: Option<PathBuf>,
    /// Write a report: human, json, junit, html, github, summary or badge; the path `-` is standard output (repeatable)
    #[arg(long, value_name = "FORMAT=PATH", value_parser = report)]
    pub(crate) report: Vec<(Format, PathBuf)>,
}
