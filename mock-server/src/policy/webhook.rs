//! Policies of webhooks: the time that is signed, what a receiver asks for, and secrets that change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Choice;

/// The time in `X-CrewPass-Timestamp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookTimestamp {
    /// Real time, with which every receiver compares it.
    #[default]
    Real,
    /// The time of the session's clock.
    Session,
}

/// `Retry-After` of a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookRetryAfter {
    /// Ignored.
    #[default]
    Ignored,
    /// The next attempt is not before it.
    Honoured,
}

/// The signatures of a delivery after the secret of a callback has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookRotation {
    /// That of the new secret.
    #[default]
    New,
    /// Those of the new and of the previous secret, separated by a comma.
    Both,
}

impl Choice for WebhookTimestamp {}
impl Choice for WebhookRetryAfter {}
impl Choice for WebhookRotation {}
