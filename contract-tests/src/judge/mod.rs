//! Judges: what the witnesses saw, in; verdicts, out. Pure: no file, no clock, no network.
//!
//! One function an obligation, by area; [`judge_of`] is the list of them.

mod verdict;

pub use verdict::{Finding, Verdict};

use crate::case::Case;

/// Judges one obligation on one case.
pub type Judge = fn(&Case) -> Verdict;

/// The judge of an obligation.
pub fn judge_of(_id: &str) -> Option<Judge> {
    None
}
