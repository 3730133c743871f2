//! Outcomes: the results of obligations, their merge, and the exit code that follows. Pure
//! functions.

mod exit;
mod judged;
mod known;
mod merge;
mod rules;

pub use exit::{Exit, exit_of};
pub(crate) use judged::is_unjudged;
pub use judged::{is_in_doubt, judged};
pub use known::{KnownFailure, KnownFailures};
pub use merge::{ObligationResult, Outcome, gravest, merged};
pub use rules::Rules;
