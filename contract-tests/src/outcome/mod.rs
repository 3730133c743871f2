//! Outcomes: what an obligation came to, how several merge, and the exit code that follows.

mod merge;

pub use merge::{Outcome, Result};
