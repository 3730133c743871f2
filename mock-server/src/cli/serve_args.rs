//! The arguments of `serve`, each with its environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};
use clap_complete::engine::ArgValueCandidates;
use crewpass_diagnostics::parse_duration;
use jiff::Timestamp;

use super::request_log::LogFormat;
use super::shell::policies;
use crate::clock::parse_time;
use crate::origin::{parse_allowed_host, parse_public_url};

/// The help text about environment variables.
const ENVIRONMENT: &str = "\
Environment:
  The command line wins over a variable.
  An empty variable counts as not set.
  A switch takes true or false.
  A repeatable option takes its values separated by semicolons, such as
  CREWPASS_MOCK_POLICY='dead_link=410;link_use=once'.

Examples:
  crewpass-mock serve --world my-world --watch
  crewpass-mock serve --bind 127.0.0.1:0 --json --stop-with-stdin --quiet";

/// The options of `crewpass-mock serve`.
#[derive(Debug, Args)]
#[command(after_help = ENVIRONMENT)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Serve {
    /// The address to listen on, such as 127.0.0.1:9000; port 0 picks a free port
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8787",
        value_parser = address,
        env = "CREWPASS_MOCK_BIND",
        hide_env_values = true
    )]
    pub(crate) bind: SocketAddr,
    /// The world: a file, or a folder with a world.yaml [default: the starter world]
    #[arg(help_heading = "World", long, value_name = "PATH", env = "CREWPASS_MOCK_WORLD", hide_env_values = true)]
    pub(crate) world: Option<PathBuf>,
    /// Let the world extend files anywhere below this folder [default: the folder of the world]
    #[arg(help_heading = "World", long, value_name = "PATH", env = "CREWPASS_MOCK_WORLD_ROOT", hide_env_values = true)]
    pub(crate) world_root: Option<PathBuf>,
    /// Reload the world when its file, a file that it extends, or a document's file changes
    #[arg(help_heading = "World", long, requires = "world", conflicts_with = "generate", value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_WATCH", hide_env_values = true)]
    pub(crate) watch: bool,
    /// Serve a world generated from a seed, such as 100x10: 100 crew members with 10 documents each
    #[arg(help_heading = "World", long, value_name = "CREWxDOCUMENTS", conflicts_with = "world", value_parser = amount, env = "CREWPASS_MOCK_GENERATE", hide_env_values = true)]
    pub(crate) generate: Option<(u32, u32)>,
    /// Give files unsafe names, such as path traversal (needs --generate)
    #[arg(help_heading = "World", long, requires = "generate", conflicts_with = "world", value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_HOSTILE", hide_env_values = true)]
    pub(crate) hostile: bool,
    /// Write {"base", "key", "control", "pid"} to this file when the server is ready
    #[arg(
        help_heading = "Output",
        long,
        value_name = "PATH",
        env = "CREWPASS_MOCK_READY_FILE",
        hide_env_values = true
    )]
    pub(crate) ready_file: Option<PathBuf>,
    /// Print {"base", "key", "control", "pid"} as one line of JSON when the server is ready; with
    /// --tls also "ca", the certificate to trust
    #[arg(help_heading = "Output", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_JSON", hide_env_values = true)]
    pub(crate) json: bool,
    /// End when standard input ends, as it does when the program that started this one ends
    #[arg(long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_STOP_WITH_STDIN", hide_env_values = true)]
    pub(crate) stop_with_stdin: bool,
    /// Print no line for each request on stderr
    #[arg(help_heading = "Output", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_QUIET", hide_env_values = true)]
    pub(crate) quiet: bool,
    /// The form of what is printed on stderr
    #[arg(
        help_heading = "Output",
        long,
        value_enum,
        default_value = "text",
        env = "CREWPASS_MOCK_LOG_FORMAT",
        hide_env_values = true
    )]
    pub(crate) log_format: LogFormat,
    /// Count requests, faults, sessions and connections for Prometheus, at /__mock/metrics
    #[arg(help_heading = "Output", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_METRICS", hide_env_values = true)]
    pub(crate) metrics: bool,
    /// Set a policy, such as `dead_link=410` (repeatable); docs/policies.md lists them
    #[arg(help_heading = "Behaviour", long, value_name = "NAME=VALUE", add = ArgValueCandidates::new(policies), env = "CREWPASS_MOCK_POLICY", hide_env_values = true)]
    pub(crate) policy: Vec<String>,
    /// Load the fault rules from this file, a list in YAML or JSON, at startup (repeatable)
    #[arg(help_heading = "Behaviour", long, value_name = "PATH", env = "CREWPASS_MOCK_FAULT", hide_env_values = true)]
    pub(crate) fault: Vec<PathBuf>,
    /// Start with the clock frozen at this time, such as 2026-06-08T10:00:00Z
    #[arg(help_heading = "Behaviour", long, value_name = "TIME", value_parser = parse_time, env = "CREWPASS_MOCK_CLOCK", hide_env_values = true)]
    pub(crate) clock: Option<Timestamp>,
    /// Use this seed instead of the world's
    #[arg(help_heading = "World", long, env = "CREWPASS_MOCK_SEED", hide_env_values = true)]
    pub(crate) seed: Option<u64>,
    /// Create links with this origin, regardless of the request's Host header
    #[arg(help_heading = "Links and access", long, value_name = "URL", value_parser = parse_public_url, env = "CREWPASS_MOCK_PUBLIC_URL", hide_env_values = true)]
    pub(crate) public_url: Option<String>,
    /// Allow this host in links although --bind is loopback, such as fake.test or fake.test:8443
    /// (repeatable)
    #[arg(help_heading = "Links and access", long, value_name = "HOST", value_parser = parse_allowed_host, env = "CREWPASS_MOCK_ALLOWED_HOST", hide_env_values = true)]
    pub(crate) allowed_host: Vec<String>,
    /// Trust X-Forwarded-Proto, X-Forwarded-Host and the Host of the proxy in front
    #[arg(help_heading = "Links and access", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_TRUST_FORWARDED", hide_env_values = true)]
    pub(crate) trust_forwarded: bool,
    /// Let webhooks go to this private host too, such as another container; without it, only to this
    /// machine
    #[arg(
        help_heading = "Behaviour",
        long,
        value_name = "NAME",
        env = "CREWPASS_MOCK_CALLBACK_HOST",
        hide_env_values = true
    )]
    pub(crate) callback_host: Option<String>,
    /// Trust the certificate authority in this file, in PEM, for webhooks over https
    #[arg(
        help_heading = "Behaviour",
        long,
        value_name = "FILE",
        env = "CREWPASS_MOCK_CALLBACK_CA",
        hide_env_values = true
    )]
    pub(crate) callback_ca: Option<PathBuf>,
    /// The time limit for a request's head, and for each wait for its body
    #[arg(help_heading = "Behaviour", long, value_name = "DURATION", default_value = "8s", value_parser = parse_duration, env = "CREWPASS_MOCK_HEADER_TIMEOUT", hide_env_values = true)]
    pub(crate) header_timeout: Duration,
    /// Serve over TLS, with a certificate authority created at startup
    #[arg(help_heading = "TLS", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_TLS", hide_env_values = true)]
    pub(crate) tls: bool,
    /// Write the certificate of the certificate authority to this file, for clients to trust
    #[arg(
        help_heading = "TLS",
        long,
        value_name = "PATH",
        requires = "tls",
        env = "CREWPASS_MOCK_TLS_CA",
        hide_env_values = true
    )]
    pub(crate) tls_ca: Option<PathBuf>,
    /// A host name or address in the server's certificate (repeatable) [default: loopback and the
    /// API's real host]
    #[arg(
        help_heading = "TLS",
        long,
        value_name = "NAME",
        requires = "tls",
        env = "CREWPASS_MOCK_TLS_NAME",
        hide_env_values = true
    )]
    pub(crate) tls_name: Vec<String>,
    /// How long an additional session may be idle before it is closed
    #[arg(help_heading = "Behaviour", long, value_name = "DURATION", default_value = "30m", value_parser = parse_duration, env = "CREWPASS_MOCK_SESSION_IDLE", hide_env_values = true)]
    pub(crate) session_idle: Duration,
    /// The number of entries that the journal of each session keeps; 0 turns the journal off
    #[arg(help_heading = "Behaviour", long, value_name = "ENTRIES", default_value_t = crate::journal::CAPACITY, env = "CREWPASS_MOCK_JOURNAL", hide_env_values = true)]
    pub(crate) journal: usize,
    /// Add the header X-Mock-Reason to refusals: the clause that refused the request
    #[arg(help_heading = "Behaviour", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_EXPLAIN_HEADER", hide_env_values = true)]
    pub(crate) explain_header: bool,
    /// Write the names of response headers as Content-Type, and not as content-type (HTTP/1)
    #[arg(help_heading = "Behaviour", long, value_parser = BoolishValueParser::new(), env = "CREWPASS_MOCK_TITLE_CASE_HEADERS", hide_env_values = true)]
    pub(crate) title_case_headers: bool,
    /// Require this token of every user of the control API, and allow other hosts to use it
    #[arg(help_heading = "Links and access", long, value_name = "TOKEN", value_parser = NonEmptyStringValueParser::new(), env = "CREWPASS_MOCK_CONTROL_TOKEN", hide_env_values = true)]
    pub(crate) control_token: Option<String>,
    /// Sign links with this secret, so that replicas accept each other's links
    #[arg(help_heading = "Links and access", long, value_name = "SECRET", value_parser = NonEmptyStringValueParser::new(), env = "CREWPASS_MOCK_SIGNING_SECRET", hide_env_values = true)]
    pub(crate) signing_secret: Option<String>,
}

/// Reads an address. A port alone, and `localhost`, are loopback.
fn address(text: &str) -> Result<SocketAddr, String> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("localhost", text));
    let of_port = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let on_loopback = (host.is_empty() || host == "localhost").then(|| port.parse().ok().map(of_port)).flatten();
    let address = on_loopback.or_else(|| text.parse().ok());
    address.ok_or_else(|| "write ADDRESS:PORT, such as 127.0.0.1:9000, or 0.0.0.0:8787 for every interface".to_owned())
}

fn amount(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('x').and_then(|(crew, documents)| Some((crew.parse().ok()?, documents.parse().ok()?)));
    parts.ok_or_else(|| "write CREWxDOCUMENTS, such as 100x10".to_owned())
}
