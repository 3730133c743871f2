//! Judges: they turn what the witnesses saw into verdicts. Pure: no file, no clock, no network.
//!
//! One function an obligation; each area file lists its own, and [`judge_of`] finds the judge of an obligation.

// First, since the macro of this module is used by the others.
#[macro_use]
mod register;

mod auth;
mod err;
mod file;
mod fleet;
mod http;
mod link;
mod list;
mod name;
mod out;
mod overrun;
mod rty;
mod sec;
mod time;
mod verdict;
mod view;

pub use overrun::overrun;
pub use register::{Judge, judge_of, judged_ids};
pub use verdict::{Finding, Verdict};
pub use view::is_about_end;
