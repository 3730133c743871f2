//! `ctl compliance`: the stored projections behind compliance checks.

use clap::Subcommand;
use http::Method;
use serde_json::{Value, json};

use super::super::error::CliError;
use super::fake::Fake;

/// `ctl compliance`.
#[derive(Debug, Subcommand)]
pub(crate) enum ComplianceOrder {
    /// Print the changes that compliance checks do not show yet [default]
    Show,
    /// Refresh the stored results, so that the next check shows every change
    Refresh {
        /// The crew member's id [default: all crew members]
        crew: Option<String>,
    },
}

/// Sends an order about projections.
pub(super) fn send(fake: &Fake, order: &ComplianceOrder) -> Result<Value, CliError> {
    match order {
        ComplianceOrder::Show => fake.send(fake.request(Method::GET, &["compliance"])),
        ComplianceOrder::Refresh { crew } => {
            let body = crew.as_ref().map_or_else(|| json!({}), |crew| json!({"crew": crew}));
            fake.send(fake.request(Method::POST, &["compliance", "refresh"]).json(&body))
        }
    }
}
