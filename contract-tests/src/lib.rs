//! The gate: it judges clients, webhook receivers, servers and senders of webhooks against the CrewPass contract,
//! clause by clause.
//!
//! The path of a verdict on a client: `client::plan` selects obligations and their scenarios, `client::run` drives the
//! client through them and records the evidence (`client::witness`), `client::judge` gives verdicts, `outcome` turns
//! them into results and an exit code, `report` shows them. `receiver`, `server` and `sender` do the same for their
//! subjects.
//!
//! For the tests of another package: [`contract_tests!`], [`client::transport`] and [`property::scenarios`]. All other
//! items are for the command line, and change without notice.

// docs.rs shows the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod doctor;
pub mod manifest;
pub mod operation;
pub mod outcome;
pub mod property;
pub mod receiver;
pub mod report;
pub mod requirement;
pub mod sender;
pub mod server;
pub mod steps;
