//! Judges: what the witnesses saw, in; verdicts, out. Pure: no file, no clock, no network.
//!
//! One function an obligation, by area; [`judge_of`] is the list of them.

mod auth;
mod err;
mod file;
mod http;
mod link;
mod list;
mod name;
mod out;
mod register;
mod rty;
mod sec;
mod time;
mod verdict;
mod view;

pub use register::{judge_of, judged_ids};
pub use verdict::{Finding, Verdict};

use crate::client::case::Case;

/// Judges one obligation on one case.
pub type Judge = fn(&Case) -> Verdict;
