//! Observability: the ways to reach a client, and which obligations can be seen by each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to reach a client, by what can be seen of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Observability {
    /// Wire, file tree and process.
    #[default]
    Process,
    /// Wire, file tree and the value that the client returns.
    InProcess,
    /// The wire alone.
    Wire,
}

/// The ways by which each obligation can be seen: `observable_by` of its entry, written here by the build script.
const OBSERVABLE_BY: &[(&str, &[Observability])] = include!(concat!(env!("OUT_DIR"), "/observable_by.rs"));

impl Observability {
    /// Returns the reason why an obligation can't be seen; `None` where it can.
    pub fn unobservable_reason(self, id: &str) -> Option<&'static str> {
        let ways = OBSERVABLE_BY.iter().find(|(known, _)| *known == id).map_or(&[][..], |(_, ways)| ways);
        if ways.contains(&self) {
            return None;
        }
        match self {
            Self::Process => None,
            Self::InProcess => Some("a client in the gate's own process does not show it"),
            Self::Wire => Some("it does not show on the wire"),
        }
    }
}
