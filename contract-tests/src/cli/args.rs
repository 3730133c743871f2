//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use crewpass_contract::catalogue::Grade;

use super::client_args::{Client, Doctor, Merge, Replay};
use super::observe::Observe;
use super::property::Property;
use super::server_args::Server;

/// Judges clients and servers against the CrewPass documents contract, clause by clause.
#[derive(Debug, Parser)]
#[command(name = "crewpass-contract", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What a caller may go by.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  every MUST is kept (or every SHOULD or MAY, with --fail-on)
  1  an obligation of that grade is broken, or a known failure is stale
  2  the command line can't be carried out, a file is wrong, the selection matches nothing, or the command under test
     can't be started
  3  nothing is broken, but a MUST was not exercised or not observable
  4  the gate itself broke";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a client
    Client(Client),
    /// Judge a server
    Server(Server),
    /// Play one scenario again, and show its transcript
    Replay(Replay),
    /// Serve a scenario to a client that a person drives, and judge what shows on the wire
    Observe(Observe),
    /// Play scenarios that are drawn from a seed, and shrink the first that fails
    Property(Property),
    /// Put the JSON reports of shards together
    Merge(Merge),
    /// See whether a client can be started and reaches the fake
    Doctor(Doctor),
    /// Check scenario files, or make them from captures
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// List the obligations of a client, or the clauses of a server
    List(List),
    /// Explain one of them
    Explain(Explain),
    /// Print the JSON Schema of a kind of file
    Schema(Schema),
    /// Print completions for a shell
    Completions(Completions),
}

/// `scenario`.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// Check one without playing it
    Check {
        /// The file
        file: PathBuf,
    },
    /// Make one from a HAR capture of a browser, of mitmproxy or of the fake's own journal
    FromHar {
        /// The capture
        file: PathBuf,
        /// Whose documents, where it is about several crew members
        #[arg(long, value_name = "ID")]
        crew: Option<String>,
        /// Write it to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A grade on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GradeArg {
    /// MUST
    Must,
    /// SHOULD
    Should,
    /// MAY
    May,
}

impl From<GradeArg> for Grade {
    fn from(grade: GradeArg) -> Self {
        match grade {
            GradeArg::Must => Self::MUST,
            GradeArg::Should => Self::SHOULD,
            GradeArg::May => Self::MAY,
        }
    }
}

/// `list`.
#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// Of this grade and of graver ones
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// Of this area only, such as RTY
    #[arg(long)]
    pub(crate) area: Option<String>,
    /// Those of a server
    #[arg(long, conflicts_with_all = ["catalogue", "markdown"])]
    pub(crate) server: bool,
    /// As they were at this version of the catalogue
    #[arg(long, value_name = "VERSION")]
    pub(crate) catalogue: Option<u32>,
    /// Print the page docs/obligations.md
    #[arg(long, conflicts_with_all = ["grade", "area"])]
    pub(crate) markdown: bool,
}

/// `explain`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// Such as CPK-NAME-01 of a client, or CPS-LINK-04 of a server
    pub(crate) id: String,
}

/// `schema`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The catalogue of obligations
    Obligations,
    /// A scenario file
    Scenario,
    /// A report in JSON
    Report,
    /// What is known of a server
    Expectation,
}

/// `completions`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
