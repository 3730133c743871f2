//! Property mode of receivers: drawn orders of deliveries, after which the newest documents must be there.

mod case;
mod search;

pub use case::{InvalidCase, OrderCase, Step};
pub use search::{Budget, Counterexample, Searched, replay, search};
