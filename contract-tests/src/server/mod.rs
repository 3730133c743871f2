//! The gate for servers: it asks any base URL, and judges what comes back clause by clause.
//!
//! `expect` is the tester's knowledge, `probe` sends every request (by `ask` and `levers`), `seen` is all that was
//! observed, `check` judges it without any I/O, and `judge` makes results and entries of a report.

mod ask;
pub mod check;
mod clauses;
mod decoded;
mod expect;
mod expect_crew;
mod judge;
mod levers;
mod limit;
mod probe;
mod question;
mod receive;
mod rule;
mod seen;
mod select;
mod unreachable;

pub use ask::Server;
pub use clauses::clauses;
pub(crate) use expect::READ;
pub use expect::{Expectation, Key, Secret, schema_text};
pub use expect_crew::{Lookup, Picture, SessionTime, Values, Vessel, Webhooks};
pub(crate) use judge::{clause_entry, result_of};
pub use judge::{entries, judged};
pub(crate) use levers::{LeverAction, LeverDriver};
pub use probe::{Options, run};
pub use seen::Seen;
pub(crate) use seen::{observed, unexercised};
pub use select::{SelectError, Selection};
pub use unreachable::Unreachable;
