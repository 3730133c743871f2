//! The doctor: whether a command is a usable subject, told step by step to somebody who has never seen the gate.

mod advice;
mod look;
mod step;

pub use look::{Manner, steps};
pub use step::{Step, told};
