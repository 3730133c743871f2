//! The arguments of the commands that play a client, or merge its reports.

use std::path::PathBuf;
use std::time::Duration;

use crate::client::plan::{BadShard, Selection, Shard};
use crate::client::task::Task;
use crate::report::Format;
use clap::Args as ClapArgs;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use crewpass_diagnostics::parse_duration;

use super::reports::Wanted;
use super::shared_args::{EXIT_CODES, GradeArg, LastRun, Reports};
use super::shell::{scenarios_and_files, selections, versions};

/// The default seed.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// The exit codes of `doctor`.
const DOCTOR_CODES: &str = "\
Exit codes:
  0  the command can be tested
  1  it starts, but can't be tested yet
  2  it can't be started, or the command line is wrong
  4  this tool itself failed";

const COMMAND: &str =
    "The command and its arguments; {crew_id}, {out_dir} and {base} are replaced [default: the manifest's]";

/// The selection of obligations, with the catalogue and the scenarios.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Asked {
    /// Only this obligation, area, scenario or case, such as `CPK-RTY-01`, `RTY-01`, `RTY` or
    /// `rty/retry-after` (repeatable)
    #[arg(long, value_name = "ID|AREA|SCENARIO", value_delimiter = ',', add = ArgValueCandidates::new(selections))]
    pub(crate) only: Vec<String>,
    /// Judge only obligations of at least this grade
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// The lowest grade whose broken obligations fail the run
    #[arg(long, value_enum, default_value = "must")]
    pub(crate) fail_on: GradeArg,
    /// Use this version of the catalogue of obligations [default: the manifest's, or the newest]
    #[arg(long, value_name = "VERSION", add = ArgValueCandidates::new(versions))]
    pub(crate) catalogue: Option<u32>,
    /// The manifest [default: crewpass-contract.toml, if it exists]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest: Option<PathBuf>,
    /// The list of known failures [default: the manifest's]
    #[arg(long, value_name = "PATH")]
    pub(crate) known_failures: Option<PathBuf>,
    /// A folder with further scenarios, or the file of one (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reports: Reports,
    /// Show every case in the report for people, not one for each obligation
    #[arg(long)]
    pub(crate) verbose: bool,
}

impl Asked {
    /// Selects everything, with this manifest.
    pub(crate) fn for_manifest(manifest: Option<PathBuf>) -> Self {
        Self {
            only: Vec::new(),
            grade: None,
            fail_on: GradeArg::Must,
            catalogue: None,
            manifest,
            known_failures: None,
            scenarios: Vec::new(),
            reports: Reports::default(),
            verbose: false,
        }
    }

    /// Returns the reports to write, and where the run is saved.
    pub(crate) fn wanted<'a>(&'a self, last_run: Option<&'a LastRun>) -> Wanted<'a> {
        let last_run = last_run.map(|args| args.last_run.as_path());
        Wanted { reports: &self.reports.report, verbose: self.verbose, last_run }
    }

    /// Returns the selection for a plan.
    pub(crate) fn selection(&self, task: Task, shard: Option<Shard>) -> Selection {
        Selection { only: self.only.clone(), grade: self.grade.map(Into::into), shard, task }
    }
}

/// The options of a client's runs.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct How {
    /// The most cases that run at the same time [default: chosen by cores, load and free memory]
    #[arg(long)]
    pub(crate) jobs: Option<usize>,
    /// The seed; the same seed gives the same run
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Run every scenario over TLS
    #[arg(long)]
    pub(crate) tls: bool,
    /// A host name of this machine, for the scenario where BASE is plain HTTP and must be refused
    /// (docs/client-gate.md)
    #[arg(long, value_name = "HOST")]
    pub(crate) plain_http_host: Option<String>,
    /// The time limit of one run of the client [default: the manifest's, or 20s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// In scenarios in which a client may wait, the time that it may do nothing; for the gate's own tests
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, hide = true)]
    pub(crate) quiet: Option<Duration>,
    /// Start the command once, and send it jobs as lines of JSON on standard input
    /// (docs/in-process.md)
    #[arg(long)]
    pub(crate) session: bool,
    /// Pass this environment variable to the client (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) keep_env: Vec<String>,
    /// The command and its arguments [default: the manifest's]
    #[arg(last = true, value_name = "CMD", help = COMMAND)]
    pub(crate) command: Vec<String>,
}

/// The arguments of `client`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Client {
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) how: How,
    #[command(flatten)]
    pub(crate) last_run: LastRun,
    /// The task of the client: documents or fleet [default: the one that the manifest has a command for, or documents]
    #[arg(long)]
    pub(crate) task: Option<Task>,
    /// Run one of n parts of the cases, such as 2/4; `merge` combines the reports
    #[arg(long, value_name = "i/n", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Stop at the first broken obligation that fails the run
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Write a list of known failures with everything that fails in this run
    #[arg(long, value_name = "PATH")]
    pub(crate) write_known_failures: Option<PathBuf>,
    /// Compare the client's behaviour in every case with the files in this folder; a case that
    /// differs gets a .new file and fails the run
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Accept the new behaviour as the snapshots
    #[arg(long, requires = "snapshot")]
    pub(crate) accept: bool,
}

/// The arguments of `replay`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Replay {
    /// A scenario file, or the name of a scenario or case, such as `rty/retry-after`,
    /// `link/all-dead[dead_link=410]`, or `fleet/rty/retry-after` for the same in the task `fleet`
    #[arg(value_name = "FILE|NAME", add = ArgValueCompleter::new(scenarios_and_files))]
    pub(crate) what: String,
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) how: How,
}

/// The arguments of `doctor`.
#[derive(Debug, ClapArgs)]
#[command(after_help = DOCTOR_CODES)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) how: How,
}

/// The arguments of `merge`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Merge {
    /// The JSON reports of all shards
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The task of the client that the reports are about: documents or fleet
    #[arg(long, default_value_t)]
    pub(crate) task: Task,
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) last_run: LastRun,
}

pub(crate) fn shard(text: &str) -> Result<Shard, BadShard> {
    text.parse()
}

pub(crate) fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').unwrap_or((text, "-"));
    let names = Format::ALL.map(Format::name).join(", ");
    let format =
        Format::named(format).ok_or_else(|| format!("there is no format `{format}`; the formats are {names}"))?;
    if path.is_empty() {
        return Err("no file is named: write FORMAT=PATH, or FORMAT alone for standard output".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}
