//! The doctor: checks step by step whether a command can be tested, for a reader who has never seen
//! this tool.

mod advice;
mod checks;
mod examined_case;
mod step;

pub use checks::steps;
pub use examined_case::RunOptions;
pub use step::{Step, format_steps};
