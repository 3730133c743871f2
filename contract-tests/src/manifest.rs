//! The manifest of a client, `crewpass-contract.toml`: its command, its options and its limits.
//! Every field is optional, and the command line takes precedence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crewpass_diagnostics::{Problem, Problems, read_toml};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::task::Task;
use crate::requirement::{Catalogue, CatalogueError};

/// The default file name.
pub const USUAL_NAME: &str = "crewpass-contract.toml";

/// The content of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manifest {
    /// The command with its arguments; `{crew_id}`, `{out_dir}` and `{base}` are replaced.
    pub command: Vec<String>,
    /// The command of each further task; `{out_dir}` and `{base}` are replaced.
    pub commands: BTreeMap<Task, Vec<String>>,
    /// Further environment variables.
    pub env: BTreeMap<String, String>,
    /// Exit codes follow the optional classes 10 and 20 to 24.
    pub exit_classes: bool,
    /// The time limit of a run in seconds.
    pub deadline_s: Option<u64>,
    /// Obligations that the client can't be tested for, with reasons.
    pub unsupported: Vec<Unsupported>,
    /// The list of known failures, as a path from the manifest.
    pub known_failures: Option<PathBuf>,
    /// The version of the catalogue that the client is judged by.
    pub catalogue: Option<u32>,
}

/// Something that a client can't do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsupported {
    /// The obligation that can't be tested.
    pub id: String,
    /// The reason, for the readers of reports.
    pub reason: String,
}

impl Manifest {
    /// Reads a manifest from a file.
    pub fn open(path: &Path, catalogue: &Catalogue) -> Result<Self, Problems> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Problem::unreadable(&file, &error))?;
        let mut manifest = Self::parse(&text, &file, catalogue)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        manifest.known_failures = manifest.known_failures.map(|below| folder.join(below));
        Ok(manifest)
    }

    /// Returns the command of a task; empty if the manifest has none.
    pub fn command_for(&self, task: Task) -> &[String] {
        match (task, self.commands.get(&task)) {
            (_, Some(command)) => command,
            (Task::Documents, None) => &self.command,
            (Task::Fleet, None) => &[],
        }
    }

    /// Returns the tasks that the manifest has a command for.
    pub fn tasks(&self) -> Vec<Task> {
        Task::ALL.into_iter().filter(|task| !self.command_for(*task).is_empty()).collect()
    }

    /// Parses a manifest.
    pub fn parse(text: &str, file: &str, catalogue: &Catalogue) -> Result<Self, Problems> {
        let manifest: Self = read_toml(file, text)?;
        if !manifest.command.is_empty() && manifest.commands.contains_key(&Task::Documents) {
            let problem = Problem::of_file(file, "the task `documents` has two commands".to_owned());
            let help = Some("keep `command`, or `documents` of `commands`".to_owned());
            return Err(Problems::new(vec![problem.at_word(text, "documents").help(help)]));
        }
        let ids = manifest.unsupported.iter().map(|entry| (&entry.id, &entry.reason));
        let problems = entry_problems(ids, text, file, catalogue);
        if problems.is_empty() { Ok(manifest) } else { Err(Problems::new(problems)) }
    }
}

/// Returns a problem for each entry with an unknown obligation or without a reason.
pub(crate) fn entry_problems<'a>(
    entries: impl Iterator<Item = (&'a String, &'a String)>,
    text: &str,
    file: &str,
    catalogue: &Catalogue,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (id, reason) in entries {
        let known = catalogue.obligations().iter().chain(catalogue.coming()).any(|known| known.id == *id);
        if !known {
            let guess = match catalogue.find(id) {
                Err(CatalogueError::Unknown { guess, .. }) => guess,
                Ok(known) => Some(format!("write {}", known.id)),
                Err(_) => None,
            };
            let problem = Problem::of_file(file, format!("there is no obligation `{id}`"));
            problems.push(problem.at_word(text, id).help(guess));
        }
        if reason.trim().is_empty() {
            let problem = Problem::of_file(file, format!("`{id}` has no reason")).at_word(text, id);
            problems.push(problem.help(Some("give the reason in one sentence; reports show it".to_owned())));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, Problems> {
        Manifest::parse(text, "m.toml", &Catalogue::built_in().unwrap())
    }

    #[test]
    fn every_field_is_read() {
        let text = "command = ['python3', 'c.py', '{crew_id}']\nenv = {A = 'b'}\nexit_classes = true\ndeadline_s = 30\n\
                    known_failures = 'known.toml'\ncatalogue = 1\n\
                    [[unsupported]]\nid = 'CPK-AUTH-06'\nreason = 'takes no authority'\n";
        let manifest = parse(text).unwrap();
        assert_eq!(manifest.command.len(), 3);
        assert_eq!(manifest.env["A"], "b");
        assert_eq!((manifest.exit_classes, manifest.deadline_s, manifest.catalogue), (true, Some(30), Some(1)));
        assert_eq!(manifest.unsupported[0].id, "CPK-AUTH-06");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(USUAL_NAME);
        std::fs::write(&path, text).unwrap();
        let opened = Manifest::open(&path, &Catalogue::built_in().unwrap()).unwrap();
        assert_eq!(opened.known_failures, Some(folder.path().join("known.toml")));
        assert_eq!(parse("").unwrap(), Manifest::default());
    }

    #[test]
    fn each_task_has_its_command() {
        let both = parse("command = ['a']\n[commands]\nfleet = ['b', '{out_dir}']\n").unwrap();
        assert_eq!(both.tasks(), Task::ALL);
        assert_eq!(
            (both.command_for(Task::Documents)[0].as_str(), both.command_for(Task::Fleet)[0].as_str()),
            ("a", "b")
        );
        let fleet = parse("commands = {fleet = ['b']}\n").unwrap();
        assert_eq!(fleet.tasks(), [Task::Fleet]);
        assert!(parse("").unwrap().tasks().is_empty());
        let twice = parse("command = ['a']\ncommands = {documents = ['b']}\n").unwrap_err().to_string();
        assert_eq!(twice, "m.toml:2:13: the task `documents` has two commands");
        assert!(parse("commands = {fleets = ['b']}\n").is_err());
    }

    #[test]
    fn problems_have_a_position() {
        let error = |text| parse(text).unwrap_err().to_string();
        assert_eq!(error("exit_class = true\n"), "m.toml:1:1: unknown field `exit_class`");
        assert_eq!(error("deadline_s = 'x'\n"), "m.toml:1:14: invalid type: string \"x\"");
        let entry = "[[unsupported]]\nid = 'CPK-AUHT-06'\nreason = 'r'\n";
        assert_eq!(error(entry), "m.toml:2:7: there is no obligation `CPK-AUHT-06`");
        let entry = "[[unsupported]]\nid = 'CPK-AUTH-06'\nreason = ' '\n";
        assert_eq!(error(entry), "m.toml:2:7: `CPK-AUTH-06` has no reason");
    }
}
