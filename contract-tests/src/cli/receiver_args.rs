//! The arguments of `receiver`.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::engine::ArgValueCandidates;

use super::client_args::DEFAULT_SEED;
use super::console::note;
use super::error::CliError;
use super::shared_args::{EXIT_CODES, GradeArg, Results};
use super::shell::receiver_obligations;
use crate::receiver::{ReceiverUrl, Running};
use crate::report::quoted;

const COMMAND: &str = "The command that serves 127.0.0.1:PORT, with its arguments; PORT, WEBHOOK_PATH and \
    WEBHOOK_SECRET are in its environment (docs/receiver-gate.md)";

/// The arguments of `receiver`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Receiver {
    /// Only this obligation, such as CPK-HOOK-02 or HOOK-02 (repeatable)
    #[arg(long, value_name = "ID", value_delimiter = ',', add = ArgValueCandidates::new(receiver_obligations))]
    pub(crate) only: Vec<String>,
    /// Judge only obligations of at least this grade
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// The lowest grade whose broken obligations fail the run
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: GradeArg,
    /// The most scenarios that run at the same time, each with its receiver [default: the number of
    /// cores]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Pass this environment variable to the receiver (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) keep_env: Vec<String>,
    #[command(flatten)]
    pub(crate) running: RunningArgs,
    #[command(flatten)]
    pub(crate) results: Results,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    #[arg(last = true, required_unless_present = "url", conflicts_with = "url", value_name = "CMD", help = COMMAND)]
    pub(crate) command: Vec<String>,
}

/// The arguments that name a receiver that runs already.
#[derive(Debug, ClapArgs)]
pub(crate) struct RunningArgs {
    /// Judge the receiver at this URL, which runs already, instead of a command: on this machine, or on
    /// the host of --allow-host. Start it with `BASE` and `CPK_KEY` as they are printed
    #[arg(long, value_name = "URL", requires = "secret", conflicts_with_all = ["cases", "order", "keep_env", "jobs"])]
    pub(crate) url: Option<String>,
    /// The secret that the receiver checks signatures with
    #[arg(long, env = "WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) secret: Option<String>,
    /// The address on which the gate serves the API to the receiver; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", requires = "url", default_value = "127.0.0.1:0")]
    pub(crate) bind: SocketAddr,
    /// The folder into which it saves, which must be empty; without it, saved documents are not judged
    #[arg(long, value_name = "DIR", requires = "url")]
    pub(crate) out_dir: Option<PathBuf>,
    /// A host that is not this machine, but may get deliveries, such as a container
    #[arg(long, value_name = "HOST", requires = "url")]
    pub(crate) allow_host: Option<String>,
}

impl RunningArgs {
    /// Returns the receiver that runs already, if one is named.
    pub(crate) fn read(&self) -> Result<Option<Running>, CliError> {
        let (Some(url), Some(secret)) = (&self.url, &self.secret) else { return Ok(None) };
        let url = ReceiverUrl::new(url, self.allow_host.as_deref());
        let url = url.map_err(|bad| CliError::Usage(format!("--url: {bad}")))?;
        if let Some(folder) = &self.out_dir {
            let mut files = fs::read_dir(folder).map_err(|source| CliError::File { path: folder.clone(), source })?;
            if files.next().is_some() {
                let folder = folder.display();
                return Err(CliError::Usage(format!(
                    "--out-dir: {folder} is not empty: its files could be taken for effects"
                )));
            }
        }
        let (secret, out) = (secret.clone(), self.out_dir.clone());
        Ok(Some(Running {
            url,
            secret,
            bind: self.bind,
            out,
            announce: |base, key| note(&download_settings(base, key)),
        }))
    }

    /// Returns the arguments as they are written to name the receiver again; the secret is a variable.
    pub(crate) fn as_written(&self) -> String {
        let url = self.url.iter().map(|url| format!("--url {}", quoted(url)));
        let out = self.out_dir.iter().map(|out| format!("--out-dir {}", quoted(&out.display().to_string())));
        let host = self.allow_host.iter().map(|host| format!("--allow-host {}", quoted(host)));
        let bind = (self.bind.port() != 0).then(|| format!("--bind {}", self.bind));
        url.chain(bind).chain(out).chain(host).collect::<Vec<_>>().join(" ")
    }
}

/// Returns a line with the settings that a receiver needs to download.
fn download_settings(base: &str, key: &str) -> String {
    format!("the receiver downloads with BASE={base} CPK_KEY={key}\n")
}

/// The options about the judged obligations, which property mode does not take.
const OF_OBLIGATIONS: [&str; 6] = ["only", "grade", "fail_on", "known_failures", "write_known_failures", "report"];

/// The arguments of property mode: random sequences of deliveries.
#[derive(Debug, ClapArgs)]
pub(crate) struct OrderArgs {
    /// Instead of the scenarios, run N random sequences of deliveries with repeated, lost and older
    /// events and outages, and shrink the first one that fails
    #[arg(long, value_name = "N", conflicts_with_all = OF_OBLIGATIONS)]
    pub(crate) cases: Option<u32>,
    /// The seed of the random sequences
    #[arg(long, default_value_t = DEFAULT_SEED, requires = "cases")]
    pub(crate) seed: u64,
    /// The most runs used to shrink a counterexample
    #[arg(long, value_name = "N", default_value_t = 100, requires = "cases")]
    pub(crate) shrinks: u32,
    /// Write a counterexample to this file; `--order` runs it again
    #[arg(long, value_name = "FILE", default_value = "crewpass-receiver-order.yaml", requires = "cases")]
    pub(crate) save: PathBuf,
    /// Run again the sequence that --save wrote
    #[arg(long, value_name = "FILE", conflicts_with = "cases", conflicts_with_all = OF_OBLIGATIONS)]
    pub(crate) order: Option<PathBuf>,
}
