//! Tasks: what a client is started for.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A task of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Save every document of a crew member.
    #[default]
    Documents,
    /// Save every document of every person on the fleet of the partner.
    Fleet,
}

/// A name that no task has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no task `{0}`; the tasks are documents and fleet")]
pub struct UnknownTask(String);

impl Task {
    /// Every task.
    pub const ALL: [Self; 2] = [Self::Documents, Self::Fleet];

    /// Returns the task as files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Fleet => "fleet",
        }
    }

    /// Returns the `op` of a job of this task in a session.
    pub const fn op(self) -> &'static str {
        match self {
            Self::Documents => "download_all",
            Self::Fleet => "fleet",
        }
    }

    /// Returns a scenario that any client passes that does the task.
    pub const fn friendly_scenario(self) -> &'static str {
        match self {
            Self::Documents => "plain/three-documents",
            Self::Fleet => "fleet/three-pages",
        }
    }

    /// Returns true if it is the task of a scenario that names none.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Task {
    type Err = UnknownTask;

    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        Self::ALL.into_iter().find(|task| task.name() == text).ok_or_else(|| UnknownTask(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_read_as_it_is_written() {
        for task in Task::ALL {
            assert_eq!(task.to_string().parse(), Ok(task));
        }
        assert_eq!("fleets".parse::<Task>(), Err(UnknownTask("fleets".to_owned())));
    }
}
