//! The catalogue: what a client owes, as data.

mod model;

pub use model::{Grade, Obligation, Source};
