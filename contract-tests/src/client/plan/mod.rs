//! The plan: which cases are played, and which obligations are judged in each. Pure.

mod build;
mod case;
mod select;
mod shard;

pub(crate) use build::TWIN_PASSES_BY;
pub use build::{Plan, plain_scenarios};
pub use case::PlannedCase;
pub use select::{PlanError, Selection};
pub use shard::{BadShard, Shard};
