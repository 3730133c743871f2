//! The gate for webhook receivers: it starts a receiver, delivers to it, and judges its answers and what it saves.
//!
//! `scenario` lists the situations, `run` plays them, `facts` is all that was observed, `check` judges it without any
//! I/O, and `judge` makes results and entries of a report.

mod check;
mod facts;
mod judge;
mod run;
mod scenario;
mod select;

pub use check::check_of;
pub use facts::{Answer, Effect, ScenarioFacts, Seen, Sent, Start};
pub use judge::{entries, judged};
pub use run::{Options, run};
pub use scenario::Scenario;
pub use select::{scenarios_of, select};
