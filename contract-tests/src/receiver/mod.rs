//! The gate for webhook receivers: it starts a receiver, delivers to it, and judges its answers and what it saves.
//!
//! `downloads` plans cases of the client gate for what its downloads owe. `order` draws orders of deliveries for property mode. `scenario` lists the situations, `run` plays them, `facts` is all that was observed, `check` judges it without any
//! I/O, and `judge` makes results and entries of a report.

mod check;
mod downloads;
mod facts;
mod judge;
mod order;
mod run;
mod running;
mod scenario;
mod select;

pub use check::check_of;
pub use downloads::{catalogue, is_owed, plan};
pub use facts::{Answer, Effect, ScenarioFacts, Seen, Sent, Start};
pub use judge::{entries, judged};
pub use order::{Budget, Counterexample, InvalidCase, OrderCase, Searched, Step, replay, search};
pub use run::{ByDelivery, Options, PlayedOrder, run, run_until};
pub use running::{BadReceiverUrl, ReceiverUrl, Running};
pub use scenario::Scenario;
pub use select::{needs_start, scenarios_of, select};
