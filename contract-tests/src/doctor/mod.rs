//! The doctor: checks step by step whether a command can be tested, for a reader who has never seen
//! this tool.

mod advice;
mod checks;
mod look;
mod step;

pub use checks::steps;
pub use look::Manner;
pub use step::{Step, told};
