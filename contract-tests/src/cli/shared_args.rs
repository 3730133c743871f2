//! What several commands take or say in their help.

use crate::requirement::Grade;
use clap::ValueEnum;

/// What a caller may go by.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  every MUST is kept (or every SHOULD or MAY, with --fail-on)
  1  an obligation of that grade is broken, or a known failure is stale
  2  the command line can't be carried out, a file is wrong, the selection matches nothing, or the command under test
     can't be started
  3  nothing is broken, but a MUST was not exercised or not observable
  4  the gate itself broke";

/// A grade on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GradeArg {
    /// MUST
    Must,
    /// SHOULD
    Should,
    /// MAY
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
