//! The gate for servers: it asks any base URL, and judges what comes back clause by clause.
//!
//! `expect` is what the tester knows, `tour` asks everything (through `ask`, and `levers`), `seen` is all that came
//! back, `checks` judge it without any I/O, and `judge` makes results and reports of it.

mod ask;
pub mod check;
mod clauses;
mod expect;
mod judge;
mod levers;
mod probe;
mod question;
mod rule;
mod seen;
mod select;

pub use ask::{Server, Unreachable};
pub use clauses::clauses;
pub use expect::{Expectation, Key, Secret, schema_text};
pub use judge::{entries, judged};
pub use probe::{Options, run};
pub use seen::Seen;
pub use select::{SelectError, Selection};
