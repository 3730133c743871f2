//! Questions that only the fake can answer: is this a world, a policy value, a fault rule that it takes.

use std::path::Path;

use crewpass_diagnostics::strict_json;
use crewpass_mock::{BadPolicy, Fault, Policies, World};
use serde_json::Value;

/// A part of a world that the fake does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldProblem {
    /// The problem.
    pub message: String,
    /// Advice, if there is any.
    pub help: Option<String>,
}

/// A policy or a value that the fake does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyProblem {
    /// No policy has that name.
    Name,
    /// The policy has no such value.
    Value {
        /// The values that it has, in words.
        choices: String,
    },
}

/// Returns the names of all policies.
pub fn policy_names() -> Vec<&'static str> {
    Policies::names().collect()
}

/// Returns the problem with a value of a policy, if there is one.
pub fn policy_problem(name: &str, value: &str) -> Option<PolicyProblem> {
    match Policies::default().set(name, value) {
        Ok(()) => None,
        Err(BadPolicy::Value { choices, .. }) => Some(PolicyProblem::Value { choices: choices.clone() }),
        Err(_) => Some(PolicyProblem::Name),
    }
}

/// Reads a world, and returns the names of its keys.
///
/// # Errors
/// Every problem of the text.
pub fn keys_of_world(text: &str, file: &str, folder: Option<&Path>) -> Result<Vec<String>, Vec<WorldProblem>> {
    let world = World::parse(text, file, folder).map_err(|error| {
        let problem = |problem: &crewpass_mock::Problem| WorldProblem {
            message: problem.to_string(),
            help: problem.advice().map(ToOwned::to_owned),
        };
        error.problems().iter().map(problem).collect::<Vec<_>>()
    })?;
    Ok(world.keys().map(|(_, key, _)| key.name.to_string()).collect())
}

/// Returns the problem with a fault rule whose placeholders are filled in, if there is one.
pub fn fault_problem(rule: &Value) -> Option<String> {
    strict_json::from_value::<Fault>(rule.clone()).err().map(|error| strict_json::message(&error))
}

/// Returns the name of the effect of a fault rule.
#[cfg(test)]
pub(crate) fn effect_of_fault(rule: &Value) -> Option<&'static str> {
    strict_json::from_value::<Fault>(rule.clone()).ok().map(|fault| fault.effect())
}
