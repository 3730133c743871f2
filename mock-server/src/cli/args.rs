//! The arguments, as clap reads them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::{InvalidDuration, parse_duration};
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
  0  done; a server was told to stop and let open requests end; explain: it would be served
  1  explain: the request would be refused
  2  the command line can't be understood
  3  a world or a file of faults can't be read or is wrong; nothing was served
  4  the address is taken or can't be had
  5  a running fake could not be reached, or refused what it was told
  6  a file could not be written or read";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a world
    Serve(Serve),
    /// Check a world without serving it
    CheckWorld(CheckWorld),
    /// Print the JSON Schema of worlds
    Schema(Schema),
    /// Write a world made from a seed
    Generate(Generate),
    /// Say why a request to a running fake would get what it would get
    Explain(super::explain::Explain),
    /// Write down what a gate may expect of a server that serves a world
    Describe(Describe),
    /// Tell a running fake what to do
    Ctl(super::ctl::Ctl),
    /// Print completions for a shell
    Completions(Completions),
}

/// `serve`.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    pub(crate) bind: SocketAddr,
    /// A world: a file, or a folder with a world.yaml [default: the starter world]
    #[arg(long, value_name = "PATH")]
    pub(crate) world: Option<PathBuf>,
    /// Take the world anew whenever its file changes, one that it extends, or the file of a document
    #[arg(long, requires = "world", conflicts_with = "generate")]
    pub(crate) watch: bool,
    /// Serve a world made from the seed, such as 100x10 for 100 crew members with 10 documents each
    #[arg(long, value_name = "CREWxDOCUMENTS", conflicts_with = "world", value_parser = amount)]
    pub(crate) generate: Option<(u32, u32)>,
    /// With --generate: file names that a client must not trust
    #[arg(long, requires = "generate")]
    pub(crate) hostile: bool,
    /// Write {"base", "key", "control", "pid"} to this file once it listens
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Print the same as one line of JSON instead of the lines for people
    #[arg(long)]
    pub(crate) json: bool,
    /// Set a policy, such as `dead_link=410` (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) policy: Vec<String>,
    /// Begin with the faults in this file, a list in YAML or JSON (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) fault: Vec<PathBuf>,
    /// Start with the clock standing still at this instant
    #[arg(long, value_name = "INSTANT")]
    pub(crate) clock: Option<Timestamp>,
    /// Take another seed than the world's
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Links are on this origin, whatever the caller used
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// Believe X-Forwarded-Proto and X-Forwarded-Host
    #[arg(long)]
    pub(crate) trust_forwarded: bool,
    /// How long a request head may take to arrive
    #[arg(long, value_name = "DURATION", default_value = "8s", value_parser = duration)]
    pub(crate) header_timeout: Duration,
    /// Serve over TLS, with a certificate authority that is made now
    #[arg(long)]
    pub(crate) tls: bool,
    /// Write the authority's certificate to this file, for clients to trust
    #[arg(long, value_name = "PATH", requires = "tls")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// A name or address that the certificate is for (repeatable) [default: loopback and the real host]
    #[arg(long, value_name = "NAME", requires = "tls")]
    pub(crate) tls_name: Vec<String>,
    /// How long a further session may be unused before it ends
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration)]
    pub(crate) session_idle: Duration,
    /// How many entries the journal of each session keeps; 0 turns it off
    #[arg(long, value_name = "ENTRIES", default_value_t = crate::journal::CAPACITY)]
    pub(crate) journal: usize,
    /// Name the clause that refused a request in a header, X-Mock-Reason
    #[arg(long)]
    pub(crate) explain_header: bool,
    /// Let callers from elsewhere use the control API with this token
    #[arg(long, value_name = "TOKEN", env = "CREWPASS_MOCK_CONTROL_TOKEN", hide_env_values = true)]
    pub(crate) control_token: Option<String>,
    /// Sign links with this secret, so that replicas honour each other's
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
    /// Where the server's clock starts, for dates that count from there [default: the world's start, or now]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) clock: Option<Timestamp>,
}

/// `schema`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum, default_value = "world")]
    pub(crate) of: SchemaOf,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A world file
    World,
}

/// `generate`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Generate {
    /// How many crew members
    #[arg(long, default_value_t = 12)]
    pub(crate) crew: u32,
    /// How many current documents each
    #[arg(long, default_value_t = 5)]
    pub(crate) documents: u32,
    /// The seed; the same seed gives the same world
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Give files names that a client must not trust
    #[arg(long)]
    pub(crate) hostile: bool,
    /// YAML for people; JSON loads fastest
    #[arg(long, value_enum, default_value = "yaml")]
    pub(crate) format: Format,
}

/// How a world is written.
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

fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let uri: http::Uri = url.parse().map_err(|error| format!("{error}"))?;
    let origin = matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some();
    let bare = uri.path() == "/" && uri.query().is_none();
    if origin && bare {
        Ok(url.to_owned())
    } else {
        Err("expected an origin, such as https://fake.test:8443".to_owned())
    }
}
