//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::client_args::{Client, Doctor, Merge, Replay};
use super::list_args::{Explain, List, Schema};
use super::observe::Observe;
use super::property::Property;
use super::server_args::Server;
use super::shared_args::EXIT_CODES;

/// Judges clients and servers against the CrewPass documents contract, clause by clause.
#[derive(Debug, Parser)]
#[command(name = "crewpass-contract", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

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

/// `completions`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
