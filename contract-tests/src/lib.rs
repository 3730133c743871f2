//! The gate: it judges clients and servers against the CrewPass documents contract, clause by clause.
//!
//! The way of a verdict: `plan` selects obligations and their scenarios, `runner` drives the client through them and
//! keeps what three witnesses saw (`witness`), `judge` turns what they saw into verdicts, `outcome` into results and an
//! exit code, `report` shows them.

pub mod case;
pub mod catalogue;
pub mod doctor;
pub mod in_process;
pub mod judge;
pub mod manifest;
pub mod observability;
pub mod outcome;
pub mod plan;
pub mod play;
pub mod property;
pub mod report;
pub mod runner;
pub mod scenario;
pub mod server;
pub mod subject;
mod tests_macro;
pub mod text;
pub mod witness;
