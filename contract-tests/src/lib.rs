//! The gate: it judges clients and servers against the CrewPass documents contract, clause by clause.
//!
//! The way of a verdict: `plan` selects obligations and their scenarios, `runner` drives the client through them and
//! keeps what three witnesses saw (`witness`), `judge` turns what they saw into verdicts, `outcome` into results and an
//! exit code, `report` shows them.

#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod doctor;
pub mod duration;
pub mod manifest;
pub mod operation;
pub mod outcome;
pub mod property;
pub mod receiver;
pub mod report;
pub mod requirement;
pub mod server;
