//! The command line's arguments.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::client_args::{Client, Doctor, Merge, Replay};
use super::hooks_args::Hooks;
use super::list_args::{Explain, List, Schema};
use super::observe::Observe;
use super::property::Property;
use super::receiver_args::Receiver;
use super::server_args::Server;
use super::shared_args::EXIT_CODES;
use super::show::Show;

/// What the reports and the other help texts call things, and how to install completions and manual pages.
const WORDS: &str = "\
Words:
  obligation  what a client or a webhook receiver owes, such as CPK-LINK-01
  clause      what a server or a sender of webhooks owes, such as CPS-LINK-04
  area        the obligations of one topic, such as RTY for retries
  scenario    what the server does while a client runs, such as rty/retry-after
  case        a scenario under one set of policies, such as
              link/all-dead[dead_link=410]
  manifest    crewpass-contract.toml, the options of your client in a file

Completions and manual pages:
  source <(crewpass-contract completions bash)
  crewpass-contract man --out ~/.local/share/man/man1";

/// Tests clients, servers and webhooks against the CrewPass API contract
#[derive(Debug, Parser)]
#[command(name = "crewpass-contract", version, max_term_width = 100, after_help = format!("{WORDS}\n\n{EXIT_CODES}"))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A subcommand.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test a client
    Client(Client),
    /// Test a server
    Server(Server),
    /// Test a webhook receiver
    Receiver(Receiver),
    /// Test a sender of webhooks
    Hooks(Hooks),
    /// Print one obligation of the last run in full
    Show(Show),
    /// Run one scenario again, and print its transcript
    Replay(Replay),
    /// Serve a scenario to a client that a person operates, and judge its requests
    Observe(Observe),
    /// Run scenarios drawn from a seed, and reduce the first one that fails to a small one
    Property(Property),
    /// Merge the JSON reports of the shards of a run
    Merge(Merge),
    /// Check that a client starts and reaches the fake server
    Doctor(Doctor),
    /// Check scenario files, or create them from captures
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// List the obligations of clients or receivers, or the clauses of servers or senders
    List(List),
    /// Explain one obligation, clause or scenario
    Explain(Explain),
    /// Print the JSON Schema of a file format
    Schema(Schema),
    /// Print the script that completes this command line in a shell
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

/// The subcommands of `scenario`.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// Check a scenario file without running it
    Check {
        /// The scenario file
        file: PathBuf,
    },
    /// Create a scenario from a HAR capture of a browser, of mitmproxy or of the fake's journal
    FromHar {
        /// The HAR file
        file: PathBuf,
        /// The crew member to use, if the capture has several
        #[arg(long, value_name = "ID")]
        crew: Option<String>,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// The arguments of `completions`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The script asks crewpass-contract itself, which has to be on the PATH.
  bash  source <(crewpass-contract completions bash)
  zsh   source <(crewpass-contract completions zsh), after compinit
  fish  crewpass-contract completions fish | source")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// The arguments of `man`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Man {
    /// Write crewpass-contract.1, and a page for each command, to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
