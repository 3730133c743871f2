//! The variants of the reference client, as it lists them itself.

use std::collections::BTreeMap;
use std::process::Command;

use crewpass_contract::client::task::Task;
use serde::Deserialize;

use super::catalogue;

/// The reference client.
pub(crate) const CLIENT: &str = env!("REFERENCE_CLIENT");

/// One of them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Variant {
    /// What `--bug` takes.
    pub(crate) name: String,
    /// The obligations that must catch it.
    pub(crate) caught_by: Vec<String>,
    /// Those that may fail with them; `*` is any.
    pub(crate) along_with: Vec<String>,
}

impl Variant {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let output = Command::new(CLIENT).arg("--list-bugs").output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Whether its row allows this obligation to fail.
    pub(crate) fn allows(&self, id: &str) -> bool {
        self.named().any(|named| named == id || named == "*")
    }

    /// Returns the task in which it is wrong: the first that its obligation is judged in.
    pub(crate) fn task(&self) -> Task {
        let tasks = catalogue().find(&self.caught_by[0]).unwrap().tasks.iter();
        tasks.min().copied().unwrap_or_default()
    }

    /// Returns the variant that stands for each obligation in the task `fleet`, by name: the first that is caught by it
    /// alone, or else the first that is caught by it.
    pub(crate) fn for_each_obligation(all: &[Self]) -> BTreeMap<&str, &str> {
        let mut standing = BTreeMap::new();
        let alone = all.iter().filter(|variant| variant.caught_by.len() == 1);
        for variant in alone.chain(all) {
            for id in &variant.caught_by {
                standing.entry(id.as_str()).or_insert(variant.name.as_str());
            }
        }
        standing
    }

    /// Every obligation that its row names.
    pub(crate) fn named(&self) -> impl Iterator<Item = &String> {
        self.caught_by.iter().chain(&self.along_with)
    }
}
