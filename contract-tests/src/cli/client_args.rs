//! The arguments of everything that plays a client, or merges what was played.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use crewpass_contract::client::plan::{BadShard, Selection, Shard};
use crewpass_contract::duration::{InvalidDuration, parse_duration};
use crewpass_contract::report::Format;

use super::shared_args::{EXIT_CODES, GradeArg};

/// The seed, unless told.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// What a caller of the doctor may go by.
const DOCTOR_CODES: &str = "\
Exit codes:
  0  the command can be judged
  1  it starts, but can't be judged yet
  2  it can't be started, or the command line can't be carried out
  4  the gate itself broke";

const COMMAND: &str =
    "The command and its arguments; {crew_id}, {out_dir} and {base} are replaced [default: the manifest's]";

/// What is asked for, and by which catalogue and scenarios.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Asked {
    /// An obligation, an area, a scenario or a case: `CPK-RTY-01`, `RTY`, `rty/once` (repeatable)
    #[arg(long, value_name = "ID|AREA|SCENARIO", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Obligations of this grade and of graver ones
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// Up to which grade a broken obligation fails the gate
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: GradeArg,
    /// The obligations as they were at this version of the catalogue [default: the manifest's, or the newest]
    #[arg(long, value_name = "VERSION")]
    pub(crate) catalogue: Option<u32>,
    /// The manifest [default: crewpass-contract.toml, if it is there]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest: Option<PathBuf>,
    /// The list of known failures [default: the manifest's]
    #[arg(long, value_name = "PATH")]
    pub(crate) known_failures: Option<PathBuf>,
    /// A further folder of scenarios (repeatable)
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Write a report: human, json, junit, html, github, summary or badge; the path `-` is standard output (repeatable)
    #[arg(long, value_name = "FORMAT=PATH", value_parser = report)]
    pub(crate) report: Vec<(Format, PathBuf)>,
}

impl Asked {
    /// All of it, with this manifest.
    pub(crate) fn for_manifest(manifest: Option<PathBuf>) -> Self {
        Self {
            only: Vec::new(),
            grade: None,
            fail_on: GradeArg::Must,
            catalogue: None,
            manifest,
            known_failures: None,
            scenarios: Vec::new(),
            report: Vec::new(),
        }
    }

    /// As the plan takes it.
    pub(crate) fn selection(&self, shard: Option<Shard>) -> Selection {
        Selection { only: self.only.clone(), grade: self.grade.map(Into::into), shard }
    }
}

/// How the client is played.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct How {
    /// How many cases are played at once [default: two for each core, and eight more that wait]
    #[arg(long)]
    pub(crate) jobs: Option<usize>,
    /// The seed; the same seed gives the same run
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Play every scenario over TLS
    #[arg(long)]
    pub(crate) tls: bool,
    /// A host name that leads to this machine, for BASE where plain HTTP must be refused (docs/client-gate.md)
    #[arg(long, value_name = "HOST")]
    pub(crate) plain_http_host: Option<String>,
    /// How long one run of the client may take [default: the manifest's, or 20s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) deadline: Option<Duration>,
    /// The command stays, and is told its jobs as lines of JSON on its standard input (docs/in-process.md)
    #[arg(long)]
    pub(crate) session: bool,
    /// Let the client see this variable of the environment (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) keep_env: Vec<String>,
    /// The command and its arguments [default: the manifest's]
    #[arg(last = true, value_name = "CMD", help = COMMAND)]
    pub(crate) command: Vec<String>,
}

/// `client`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Client {
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) how: How,
    /// Play one of n parts of the cases, such as 2/4; `merge` puts the reports together
    #[arg(long, value_name = "i/n", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Stop at the first broken obligation that fails the gate
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Write a list that accepts everything that fails in this run
    #[arg(long, value_name = "PATH")]
    pub(crate) write_known_failures: Option<PathBuf>,
    /// Keep what the client does in every case in a file of this folder; a run that differs writes a .new file and fails
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Keep what differs from the snapshots as the new ones
    #[arg(long, requires = "snapshot")]
    pub(crate) accept: bool,
}

/// `replay`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Replay {
    /// A scenario file, or a scenario or case by name, such as `rty/once` or `rty/once[retry_after=seconds]`
    #[arg(value_name = "FILE|NAME")]
    pub(crate) what: String,
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) how: How,
}

/// `doctor`.
#[derive(Debug, ClapArgs)]
#[command(after_help = DOCTOR_CODES)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) how: How,
}

/// `merge`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Merge {
    /// The JSON reports of all shards
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) asked: Asked,
}

fn duration(text: &str) -> Result<Duration, InvalidDuration> {
    parse_duration(text)
}

pub(crate) fn shard(text: &str) -> Result<Shard, BadShard> {
    text.parse()
}

pub(crate) fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').unwrap_or((text, "-"));
    let names = Format::ALL.map(Format::name).join(", ");
    let format =
        Format::named(format).ok_or_else(|| format!("there is no format `{format}`; the formats are {names}"))?;
    Ok((format, PathBuf::from(path)))
}
