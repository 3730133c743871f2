//! The command-line arguments, as clap parses them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::{InvalidDuration, parse_duration, parse_time};
use crate::origin::{parse_allowed_host, parse_public_url};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

/// A fixture-driven, offline fake of the CrewPass documents API.
#[derive(Debug, Parser)]
#[command(name = "crewpass-mock", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  success. `serve`: the server shut down gracefully. `explain`: the request would be served
  1  `explain`: the request would be refused
  2  the command line is invalid
  3  a world or a file of fault rules can't be read or is invalid; nothing was served
  4  the address is in use or can't be bound
  5  a running fake could not be reached, or rejected the command
  6  a file could not be written or read";

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a world
    Serve(Serve),
    /// Check a world without serving it
    CheckWorld(CheckWorld),
    /// Print the JSON Schema of worlds
    Schema(Schema),
    /// Write a world generated from a seed
    Generate(Generate),
    /// Explain which response a request would get from a running fake, and why
    Explain(super::explain::Explain),
    /// Print the expectation file for `crewpass-contract server --expect`
    Describe(Describe),
    /// Control a running fake
    Ctl(super::ctl::Ctl),
    /// Print completions for a shell
    Completions(Completions),
}

/// `serve`.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Serve {
    /// The address to listen on; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    pub(crate) bind: SocketAddr,
    /// The world: a file, or a folder with a world.yaml [default: the starter world]
    #[arg(long, value_name = "PATH")]
    pub(crate) world: Option<PathBuf>,
    /// Reload the world when its file, a file that it extends, or a document's file changes
    #[arg(long, requires = "world", conflicts_with = "generate")]
    pub(crate) watch: bool,
    /// Serve a world generated from a seed, such as 100x10: 100 crew members with 10 documents each
    #[arg(long, value_name = "CREWxDOCUMENTS", conflicts_with = "world", value_parser = amount)]
    pub(crate) generate: Option<(u32, u32)>,
    /// Give files unsafe names, such as path traversal (needs --generate)
    #[arg(long, requires = "generate")]
    pub(crate) hostile: bool,
    /// Write {"base", "key", "control", "pid"} to this file when the server is ready
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Print the start-up information as one line of JSON instead of readable text
    #[arg(long)]
    pub(crate) json: bool,
    /// Set a policy, such as `dead_link=410` (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) policy: Vec<String>,
    /// Load the fault rules from this file, a list in YAML or JSON, at startup (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) fault: Vec<PathBuf>,
    /// Start with the clock frozen at this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) clock: Option<Timestamp>,
    /// Use this seed instead of the world's
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Create links with this origin, regardless of the request's Host header
    #[arg(long, value_name = "URL", value_parser = parse_public_url)]
    pub(crate) public_url: Option<String>,
    /// Allow this host in links although --bind is loopback, such as fake.test or fake.test:8443
    /// (repeatable)
    #[arg(long, value_name = "HOST", value_parser = parse_allowed_host)]
    pub(crate) allowed_host: Vec<String>,
    /// Trust X-Forwarded-Proto, X-Forwarded-Host and the Host of the proxy in front
    #[arg(long)]
    pub(crate) trust_forwarded: bool,
    /// How long a request head may take to arrive
    #[arg(long, value_name = "DURATION", default_value = "8s", value_parser = duration)]
    pub(crate) header_timeout: Duration,
    /// Serve over TLS, with a certificate authority created at startup
    #[arg(long)]
    pub(crate) tls: bool,
    /// Write the certificate of the certificate authority to this file, for clients to trust
    #[arg(long, value_name = "PATH", requires = "tls")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// A host name or address in the server's certificate (repeatable) [default: loopback and the
    /// API's real host]
    #[arg(long, value_name = "NAME", requires = "tls")]
    pub(crate) tls_name: Vec<String>,
    /// How long an additional session may be idle before it is closed
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration)]
    pub(crate) session_idle: Duration,
    /// The number of entries that the journal of each session keeps; 0 turns the journal off
    #[arg(long, value_name = "ENTRIES", default_value_t = crate::journal::CAPACITY)]
    pub(crate) journal: usize,
    /// Add the header X-Mock-Reason to refusals: the clause that refused the request
    #[arg(long)]
    pub(crate) explain_header: bool,
    /// Allow other hosts to use the control API with this token
    #[arg(long, value_name = "TOKEN", env = "CREWPASS_MOCK_CONTROL_TOKEN", hide_env_values = true)]
    pub(crate) control_token: Option<String>,
    /// Sign links with this secret, so that replicas accept each other's links
    #[arg(long, value_name = "SECRET", env = "CREWPASS_MOCK_SIGNING_SECRET", hide_env_values = true)]
    pub(crate) signing_secret: Option<String>,
}

/// `check-world`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckWorld {
    /// A file, or a folder with a world.yaml
    pub(crate) path: PathBuf,
}

/// `describe`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Describe {
    /// A file, or a folder with a world.yaml [default: the starter world]
    #[arg(long, value_name = "PATH")]
    pub(crate) world: Option<PathBuf>,
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
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

fn duration(text: &str) -> Result<Duration, InvalidDuration> {
    parse_duration(text)
}

fn amount(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('x').and_then(|(crew, documents)| Some((crew.parse().ok()?, documents.parse().ok()?)));
    parts.ok_or_else(|| "write CREWxDOCUMENTS, such as 100x10".to_owned())
}
