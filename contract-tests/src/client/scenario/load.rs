//! Scenarios are loaded, and checked against the catalogue and one another.

use std::path::Path;

use crewpass_diagnostics::{Problem, Problems, read_yaml};

use super::all::Scenarios;
use super::check::{Known, problems_of};
use super::folder::{Folder, Written};
use super::model::Scenario;
use crate::requirement::Catalogue;

impl Scenarios {
    /// Loads the built-in scenarios, and those of further folders.
    pub fn load(catalogue: &Catalogue, folders: &[impl AsRef<Path>]) -> Result<Self, Problems> {
        let further = folders.iter().map(|root| Folder::open(root.as_ref()));
        Self::from_folders(catalogue, std::iter::once(Ok(Folder::built_in())).chain(further)).map(|(all, _)| all)
    }

    /// Loads the scenarios of one folder alone.
    pub fn of_folder(catalogue: &Catalogue, folder: &Path) -> Result<Self, Problems> {
        Self::from_folders(catalogue, [Folder::open(folder)]).map(|(all, _)| all)
    }

    /// Loads the built-in scenarios and one file of the disk, and returns the id of the file.
    pub fn with_file(catalogue: &Catalogue, path: &Path) -> Result<(Self, String), Problems> {
        let (all, last) = Self::from_folders(catalogue, [Ok(Folder::built_in()), Folder::file(path)])?;
        Ok((all, last))
    }

    /// Loads the scenarios of some folders, and returns the id of the last one.
    fn from_folders(
        catalogue: &Catalogue,
        folders: impl IntoIterator<Item = Result<Folder, Problem>>,
    ) -> Result<(Self, String), Problems> {
        let (mut all, mut problems, mut written) = (Self::default(), Vec::new(), Vec::new());
        for folder in folders {
            match folder {
                Ok(folder) => {
                    all.worlds.extend(folder.worlds.into_iter().map(|world| (world.id.clone(), world)));
                    written.extend(folder.scenarios);
                }
                Err(problem) => problems.push(problem),
            }
        }
        for text in &written {
            problems.extend(all.read(text).err());
        }
        let adapted = all.by_id.values().filter_map(Scenario::adapted);
        all.adapted = adapted.map(|scenario| (scenario.id.clone(), scenario)).collect();
        problems.extend(written.iter().filter(|text| all.adapted.contains_key(&text.id)).map(is_taken));
        let known = Known::new(catalogue, &all);
        for text in &written {
            if let Some(scenario) = all.by_id.get(&text.id) {
                problems.extend(problems_of(scenario, text, &known));
            }
        }
        let last = written.pop().map(|text| text.id).unwrap_or_default();
        if problems.is_empty() { Ok((all, last)) } else { Err(Problems::new(problems)) }
    }

    fn read(&mut self, written: &Written) -> Result<(), Problem> {
        let mut scenario: Scenario = read_yaml(&written.file, &written.text)?;
        scenario.id.clone_from(&written.id);
        match self.by_id.insert(written.id.clone(), scenario) {
            None => Ok(()),
            Some(_) => Err(is_taken(written)),
        }
    }
}

/// Returns the problem of a file whose id another scenario has, of a file or adapted.
fn is_taken(written: &Written) -> Problem {
    Problem::of_file(&written.file, format!("there is a scenario `{}` already", written.id))
        .help(Some("give the file another name".to_owned()))
}
