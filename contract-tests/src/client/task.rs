//! Tasks: what a client is started for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A task of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Save every document of a crew member.
    #[default]
    Documents,
}

impl Task {
    /// Returns the task as files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
        }
    }

    /// Returns true if it is the task of a scenario that names none.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
