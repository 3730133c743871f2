//! The doctor: checks step by step whether a command can be tested, for a reader who has never seen
//! this tool.

mod advice;
mod checks;
mod examined_case;
mod probes;
mod step;

pub use checks::{Hindrance, HindranceKind, hindrance, lasting_hindrance, shortfall, steps};
pub use examined_case::RunOptions;
pub use probes::Probe;
pub use step::{Mark, Step, format_steps};
