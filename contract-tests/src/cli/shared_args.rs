//! Arguments and help texts that several commands share.

use std::path::PathBuf;

use crate::client::plan::Shard;
use crate::report::Format;
use crate::requirement::Grade;
use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use super::client_args::report;
use super::error::CliError;
use super::preflight;
use super::reports::{self, Wanted};
use super::shell;
use crate::outcome::{KnownFailures, ObligationResult};

/// The exit codes that callers may rely on.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  every MUST is kept (with --fail-on also every SHOULD or MAY)
  1  a MUST is broken (with --fail-on also a SHOULD or MAY), or a known failure
     is stale
  2  the command line or a file is wrong, nothing is selected, or the command
     under test can't be started
  3  nothing is broken, but a MUST was not exercised or not observable
  4  this tool itself failed, or the machine was too busy to judge
  130, 143  stopped by Ctrl-C or SIGTERM; the reports have what was judged";

/// Returns the options by which a part of everything was selected.
pub(crate) fn selected(only: &[String], grade: Option<Grade>, shard: Option<Shard>) -> String {
    let only = (!only.is_empty()).then(|| format!("--only {}", only.join(",")));
    let grade = grade.map(|grade| format!("--grade {}", grade.name().to_lowercase()));
    let shard = shard.map(|shard| format!("--shard {shard}"));
    only.into_iter().chain(grade).chain(shard).collect::<Vec<_>>().join(" ")
}

/// The file in which the last run is saved.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct LastRun {
    /// The file in which the last run is saved for `show`
    #[arg(long, value_name = "FILE", env = "CREWPASS_LAST_RUN", hide_env_values = true)]
    #[arg(default_value = ".crewpass/last.json")]
    pub(crate) last_run: PathBuf,
}

/// The reports to write.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Reports {
    /// Write a report: human, json, junit, html, github, summary or badge; the path `-` is standard
    /// output (repeatable)
    #[arg(long, value_name = "FORMAT=PATH", value_parser = report, add = ArgValueCompleter::new(shell::reports))]
    pub(crate) report: Vec<(Format, PathBuf)>,
}

/// The results of a command that judges each obligation once: known failures, reports and the saved run.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Results {
    /// The list of known failures
    #[arg(long, value_name = "PATH")]
    pub(crate) known_failures: Option<PathBuf>,
    /// Write a list of known failures with everything that fails in this run
    #[arg(long, value_name = "PATH")]
    pub(crate) write_known_failures: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reports: Reports,
    /// Show every field of each problem in the report for people
    #[arg(long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) last_run: LastRun,
}

impl Results {
    /// Returns the reports to write, and where the run is saved.
    pub(crate) fn wanted(&self) -> Wanted<'_> {
        let last_run = Some(self.last_run.last_run.as_path());
        Wanted { reports: &self.reports.report, verbose: self.verbose, last_run }
    }

    /// Returns an error if a file that the run shall write can't be written.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        preflight::check(preflight::paths_of(&self.reports.report).chain(self.write_known_failures.as_deref()))
    }

    /// Writes the list of known failures that makes these results pass, if the caller wants it.
    pub(crate) fn accept(&self, known: &KnownFailures, results: &[ObligationResult]) -> Result<(), CliError> {
        let Some(path) = &self.write_known_failures else { return Ok(()) };
        reports::save_known(path, &known.accepting(results))
    }
}

/// A grade on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GradeArg {
    /// What the documentation says, or safety demands
    Must,
    /// What a careful client does
    Should,
    /// What is good to have
    May,
}

impl From<GradeArg> for Grade {
    fn from(grade: GradeArg) -> Self {
        match grade {
            GradeArg::Must => Self::MUST,
            GradeArg::Should => Self::SHOULD,
            GradeArg::May => Self::MAY,
        }
    }
}
