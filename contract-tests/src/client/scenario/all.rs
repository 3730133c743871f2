//! Scenarios as a value, looked up by id.

use std::collections::BTreeMap;

use serde_json::Value;

use super::folder::Written;
use super::model::Scenario;
use crate::client::run::{WorldProblem, keys_of_world};

/// Every scenario there is, by id, with the worlds that they name.
#[derive(Clone, Debug, Default)]
pub struct Scenarios {
    pub(super) by_id: BTreeMap<String, Scenario>,
    /// Those about one person as the task `fleet` plays them.
    pub(super) adapted: BTreeMap<String, Scenario>,
    pub(super) worlds: BTreeMap<String, Written>,
}

impl Scenarios {
    /// Returns the scenarios of all files, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Scenario> {
        self.by_id.values()
    }

    /// Returns the scenarios of every task, those that are adapted included, in the order of their ids.
    pub fn of_all_tasks(&self) -> impl Iterator<Item = &Scenario> {
        let all: BTreeMap<_, _> = self.by_id.iter().chain(&self.adapted).collect();
        all.into_values()
    }

    /// Returns the scenario of an id, of a file or adapted.
    pub fn get(&self, id: &str) -> Option<&Scenario> {
        self.by_id.get(id).or_else(|| self.adapted.get(id))
    }

    /// Returns the ids of the scenarios that provoke an obligation.
    pub fn that_provoke<'a>(&'a self, obligation: &str) -> Vec<&'a str> {
        let provoking = self.iter().filter(|scenario| scenario.provokes.iter().any(|id| id == obligation));
        provoking.map(|scenario| scenario.id.as_str()).collect()
    }

    /// Returns the names of the worlds.
    pub fn world_names(&self) -> impl Iterator<Item = &str> {
        self.worlds.keys().map(String::as_str)
    }

    /// Returns the texts of the worlds by name; each run replaces their placeholders.
    pub fn world_texts(&self) -> BTreeMap<String, String> {
        self.worlds.iter().map(|(name, world)| (name.clone(), world.text.clone())).collect()
    }

    /// Returns the names of the keys of a scenario's world.
    ///
    /// # Errors
    /// Every problem of the world.
    pub fn keys_of(&self, scenario: &Scenario) -> Result<Vec<String>, Vec<WorldProblem>> {
        match &scenario.world {
            Value::String(name) => match self.worlds.get(name) {
                Some(world) => keys_of_world(&world.text, &world.file, world.folder.as_deref()),
                // The loader refuses such a name; here it is a world of no text, which is one without keys.
                None => keys_of_world("{}", name, None),
            },
            whole => keys_of_world(&whole.to_string(), &format!("the world of {}", scenario.id), None),
        }
    }
}
