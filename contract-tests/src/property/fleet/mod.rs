//! Property mode of the task `fleet`: several people, the pages of their fleet, and what happens on the way through it.
//!
//! `person`, `walk`, `fault`, `change` and `policies` draw the parts, `case` combines them, `expected_exit` derives the
//! exit, `applicable` the obligations that can be judged, and `shrink` gives smaller cases.

mod applicable;
mod case;
mod change;
mod expected_exit;
mod fault;
mod person;
mod policies;
mod shrink;
mod walk;

pub(super) use case::{DrawnFleet, drawn_fleet};
#[cfg(test)]
pub(super) use policies::VALUES;
