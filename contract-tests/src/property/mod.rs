//! Property mode: scenarios that nobody wrote. Worlds, policies, faults and clocks are drawn from a seed, the right exit
//! follows from the contract, and what a client gets wrong is shrunk to the least that still shows it.
//!
//! `paper`, `trouble` and `choices` are what is drawn, `drawn` puts it together, `right` knows which exit is right,
//! `provoked` which obligations can be judged in it, `check` plays it.

mod applicable;
mod check;
mod choices;
mod drawn;
mod drawn_document;
mod drawn_fault;
mod expected_exit;
mod shrink;

pub use check::{Budget, Checked, Counterexample, Event, check};
pub use drawn::scenarios;
