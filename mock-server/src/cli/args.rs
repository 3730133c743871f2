//! The command-line arguments, as clap parses them.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::clock::parse_time;

pub(crate) use super::serve_args::Serve;

/// A fixture-driven, offline fake of the CrewPass Partner API.
#[derive(Debug, Parser)]
#[command(name = "crewpass-mock", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Completions and manual pages:
  source <(crewpass-mock completions bash)
  crewpass-mock man --out ~/.local/share/man/man1

Exit codes:
  0  success; `serve`: it shut down; `explain`: the request would be served
  1  `explain`: the request would be refused; `ctl health`: none answers;
     `verify`: a fault rule did not fire, or a delivery did not arrive
  2  the command line is invalid
  3  a world or fault rules can't be read or are invalid; nothing was served
  4  the address is in use or can't be bound
  5  a running fake could not be reached, or rejected the command
  6  a file could not be written or read";

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a world
    Serve(Serve),
    /// Create a folder with a world to change: world.yaml, a PDF, and the schema for an editor
    New(New),
    /// Check a world without serving it
    CheckWorld(CheckWorld),
    /// Print the JSON Schema of worlds
    Schema(Schema),
    /// Print a world generated from a seed
    Generate(Generate),
    /// Explain which response a request would get from a running fake, and why
    Explain(super::explain::Explain),
    /// Print the expectation file for `crewpass-contract server --expect`
    Describe(Describe),
    /// Control a running fake
    Ctl(super::ctl::Ctl),
    /// Print the script that completes this command line in a shell
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

/// `new`.
#[derive(Debug, ClapArgs)]
pub(crate) struct New {
    /// The folder: a new one, or an empty one
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// `check-world`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckWorld {
    /// A file, or a folder with a world.yaml
    pub(crate) path: PathBuf,
    /// Let the world extend files anywhere below this folder [default: the folder of the world]
    #[arg(long, value_name = "PATH")]
    pub(crate) world_root: Option<PathBuf>,
}

/// `describe`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Describe {
    /// A file, or a folder with a world.yaml [default: the starter world]
    #[arg(long, value_name = "PATH")]
    pub(crate) world: Option<PathBuf>,
    /// Let the world extend files anywhere below this folder [default: the folder of the world]
    #[arg(long, value_name = "PATH")]
    pub(crate) world_root: Option<PathBuf>,
    /// The start time of the server's clock; relative dates are computed from it [default: the
    /// world's start, or now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) clock: Option<Timestamp>,
}

/// `schema`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    /// The file format
    #[arg(value_enum, default_value = "world")]
    pub(crate) of: SchemaOf,
}

/// A file format that has a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A world file
    World,
}

/// `generate`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Generate {
    /// The number of crew members
    #[arg(long, default_value_t = 12)]
    pub(crate) crew: u32,
    /// The number of current documents of each crew member
    #[arg(long, default_value_t = 5)]
    pub(crate) documents: u32,
    /// The seed; the same seed gives the same world
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Give files unsafe names, such as path traversal
    #[arg(long)]
    pub(crate) hostile: bool,
    /// The output format: YAML is easier to read, JSON loads faster
    #[arg(long, value_enum, default_value = "yaml")]
    pub(crate) format: Format,
}

/// The output format of a world.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// YAML
    Yaml,
    /// JSON
    Json,
}

/// `completions`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The script asks crewpass-mock itself, which has to be on the PATH.
  bash  source <(crewpass-mock completions bash)
  zsh   source <(crewpass-mock completions zsh), after compinit
  fish  crewpass-mock completions fish | source")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Man {
    /// Write crewpass-mock.1, and a page for each command, to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
