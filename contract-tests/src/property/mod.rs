//! Property mode: generated scenarios. Worlds, policies, faults and clocks are drawn from a seed,
//! the expected exit follows from the contract, and a failure is shrunk to the smallest scenario
//! that still shows it.
//!
//! `drawn_document`, `drawn_fault` and `choices` draw the parts, `drawn` combines them,
//! `expected_exit` derives the exit, `applicable` the obligations that can be judged, `check` plays
//! cases and `shrink` makes them smaller. `fleet` has the same parts for the task `fleet`, and `draw` is a case of either
//! task.

mod applicable;
mod check;
mod choices;
mod draw;
mod drawn;
mod drawn_document;
mod drawn_fault;
mod drawn_scenario;
mod expected_exit;
mod fleet;
mod shrink;

pub use check::{Budget, Checked, Counterexample, Event, check};
pub use draw::Size;
pub use drawn::scenarios;
