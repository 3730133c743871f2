//! Texts that people write for the gate: reading them strictly, and saying what is wrong with one, and where.

mod near;
mod problem;
mod read;

pub use near::did_you_mean;
pub use problem::{Problem, Problems};
pub use read::{read_toml, read_yaml};
