//! The command line and the environment, as the gate gives them to any client.

use std::env;
use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use reqwest::Url;
use serde::Deserialize;

use crate::bug_list;
use crate::bugs::Bug;
use crate::failure::Failure;

/// A client of the CrewPass Partner API that keeps every obligation, or all but one.
#[derive(Debug, Parser)]
#[command(name = "crewpass-reference-client", version)]
pub(crate) struct Arguments {
    /// The crew member whose documents are saved; `CREW_ID` if left out. Not used if `CPK_TASK` is `fleet`
    crew_id: Option<String>,
    /// The folder to save into; `OUT_DIR` if left out
    out_dir: Option<PathBuf>,
    /// Be wrong in this one way
    #[arg(long, value_name = "NAME", value_parser = bug_list::named)]
    pub(crate) bug: Option<Bug>,
    /// Take this address for a host name, as `curl --resolve` does
    #[arg(long, value_name = "HOST=ADDRESS", value_parser = known_address)]
    resolve: Option<(String, IpAddr)>,
    /// Take jobs as lines of JSON from standard input until its end
    #[arg(long)]
    pub(crate) session: bool,
    /// Print every --bug, what it does and which obligations catch it, as JSON
    #[arg(long)]
    pub(crate) list_bugs: bool,
}

/// The API key, which shows itself to nobody.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What a run is inputs.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) base: Url,
    /// Is true if `BASE` was written with a slash at its end.
    pub(crate) has_slash: bool,
    pub(crate) key: Key,
    /// Is true if the documents of everybody on the fleet are saved.
    pub(crate) is_fleet: bool,
    /// The crew member whose documents are saved; of a fleet, the one of this moment.
    pub(crate) crew_id: String,
    pub(crate) out_dir: PathBuf,
    /// The certificates to trust, and no others.
    pub(crate) ca_pem: Option<Vec<u8>>,
    /// The hosts, with ports, that files may come from.
    pub(crate) link_hosts: Vec<String>,
    /// When the run must have ended by itself.
    pub(crate) until: Option<Instant>,
    /// The longest time without a byte.
    pub(crate) patience: Duration,
    pub(crate) bug: Option<Bug>,
    /// A host name whose address is inputs.
    pub(crate) resolve: Option<(String, IpAddr)>,
    /// Is true if it is one of the jobs of a session.
    pub(crate) session: bool,
}

/// The inputs of a run as a job of a session has them.
#[derive(Deserialize)]
pub(crate) struct JobInputs {
    base: String,
    key: String,
    #[serde(default)]
    op: String,
    crew_id: Option<String>,
    out_dir: PathBuf,
    deadline_ms: Option<u64>,
    ca_pem: Option<String>,
    #[serde(default)]
    link_hosts: Vec<String>,
}

impl fmt::Debug for JobInputs {
    /// Formats everything but the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobInputs").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The task of a whole fleet, in `CPK_TASK` and as the `op` of a job.
const FLEET: &str = "fleet";

/// The longest silence, where there is no deadline.
const PATIENCE: Duration = Duration::from_secs(10);

fn variable(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| Failure::local(format!("{name} is not set")))
}

impl Config {
    /// Reads what the command line leaves open from the environment.
    pub(crate) fn new(arguments: Arguments) -> Result<Self, Failure> {
        let deadline = env::var("CPK_DEADLINE_S").ok().and_then(|text| text.parse().ok());
        let deadline = deadline.filter(|seconds: &f64| (0.1..1e6).contains(seconds)).map(Duration::from_secs_f64);
        let ca_pem = env::var_os("CPK_CA_FILE").filter(|path| !path.is_empty()).map(fs::read).transpose()?;
        let link_hosts = env::var("CPK_LINK_HOSTS").unwrap_or_default().split(',').map(host).collect();
        let is_fleet = env::var("CPK_TASK").is_ok_and(|task| task == FLEET);
        let crew_id = match arguments.crew_id {
            _ if is_fleet => String::new(),
            Some(crew_id) => crew_id,
            None => variable("CREW_ID")?,
        };
        let config = Self {
            key: Key(variable("CPK_KEY")?),
            is_fleet,
            crew_id,
            out_dir: arguments.out_dir.map_or_else(|| variable("OUT_DIR").map(PathBuf::from), Ok)?,
            ca_pem,
            bug: arguments.bug,
            resolve: arguments.resolve,
            ..Self::at(&variable("BASE")?, link_hosts, deadline)?
        };
        config.keeps_the_key_off_the_open_net()?;
        Ok(config)
    }

    /// Reads a job of a session.
    pub(crate) fn from_job(inputs: JobInputs, bug: Option<Bug>) -> Result<Self, Failure> {
        let link_hosts = inputs.link_hosts.iter().map(|entry| host(entry)).collect();
        let config = Self {
            key: Key(inputs.key),
            is_fleet: inputs.op == FLEET,
            crew_id: inputs.crew_id.unwrap_or_default(),
            out_dir: inputs.out_dir,
            ca_pem: inputs.ca_pem.map(String::into_bytes),
            bug,
            session: true,
            ..Self::at(&inputs.base, link_hosts, inputs.deadline_ms.map(Duration::from_millis))?
        };
        config.keeps_the_key_off_the_open_net()?;
        Ok(config)
    }

    /// Creates the settings of a run against this service, with defaults for the rest.
    fn at(base: &str, mut link_hosts: Vec<String>, deadline: Option<Duration>) -> Result<Self, Failure> {
        let has_slash = base.ends_with('/');
        let mut base = Url::parse(base).map_err(|_| Failure::local("BASE is no URL"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(Failure::local("BASE is no http URL"));
        }
        base.set_query(None);
        base.set_fragment(None);
        link_hosts.push(place(&base));
        Ok(Self {
            base,
            has_slash,
            key: Key(String::new()),
            is_fleet: false,
            crew_id: String::new(),
            out_dir: PathBuf::new(),
            ca_pem: None,
            link_hosts,
            // A quarter of the time is kept for what can't be foreseen.
            until: deadline.map(|deadline| Instant::now() + deadline.mul_f64(0.75)),
            patience: deadline.map_or(PATIENCE, |deadline| PATIENCE.min(deadline / 5)),
            bug: None,
            resolve: None,
            session: false,
        })
    }

    /// Returns true if this run has the bug.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Checks that plain http carries the key only inside this machine.
    fn keeps_the_key_off_the_open_net(&self) -> Result<(), Failure> {
        let host = self.base.host_str().unwrap_or_default();
        let loopback = host == "localhost" || host == "[::1]" || {
            host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        };
        if self.base.scheme() == "https" || loopback || self.has(Bug::PlainHttpAnywhere) {
            return Ok(());
        }
        Err(Failure::local("BASE is not https, and the key must not travel in the open"))
    }
}

/// Parses the value of `--resolve`.
fn known_address(text: &str) -> Result<(String, IpAddr), String> {
    let (host, address) = text.split_once('=').ok_or("it takes HOST=ADDRESS")?;
    Ok((host.to_owned(), address.parse().map_err(|_| format!("`{address}` is no IP address"))?))
}

/// Parses one entry of `CPK_LINK_HOSTS`.
fn host(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Returns the host and port of a URL, as `CPK_LINK_HOSTS` writes them.
pub(crate) fn place(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}
