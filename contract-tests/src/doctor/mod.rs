//! The doctor: whether a command is a usable subject, told step by step to somebody who has never seen the gate.

mod advice;
mod checks;
mod look;
mod step;

pub use checks::steps;
pub use look::Manner;
pub use step::{Step, told};
