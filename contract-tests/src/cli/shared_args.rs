//! Arguments and help texts that several commands share.

use std::path::PathBuf;

use crate::requirement::Grade;
use clap::{Args as ClapArgs, ValueEnum};

/// The exit codes that callers may rely on.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  every MUST is kept (with --fail-on also every SHOULD or MAY)
  1  a MUST is broken (with --fail-on also a SHOULD or MAY), or a known failure
     is out of date
  2  the command line or a file is wrong, nothing is selected, or the command
     under test can't be started
  3  nothing is broken, but a MUST was not exercised or not observable
  4  this tool itself failed, or the machine was too busy to judge";

/// The file in which the last run is kept.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct LastRun {
    /// The file in which the last run is kept for `show`
    #[arg(long, value_name = "FILE", env = "CREWPASS_LAST_RUN", hide_env_values = true)]
    #[arg(default_value = ".crewpass/last.json")]
    pub(crate) last_run: PathBuf,
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
