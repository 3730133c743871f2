//! The command `scenario`: checks a scenario file, or creates one from a capture.

use std::fs;
use std::path::Path;

use crate::client::scenario::{Scenarios, from_har};
use crate::report::quoted;
use crewpass_diagnostics::{Problem, Problems};

use super::console::{note, say};
use super::error::CliError;
use super::run_inputs::pinned;

/// Checks one file together with the built-in scenarios.
pub(crate) fn check(file: &Path) -> Result<(), CliError> {
    let (all, id) = Scenarios::with_file(&pinned(None)?, file)?;
    let title = all.get(&id).map_or("", |scenario| &scenario.title);
    let path = file.display().to_string();
    say(&format!("{path}: fine. {title}\nRun it: crewpass-contract replay {} -- CMD\n", quoted(&path)))
}

/// Creates a scenario from a capture, and writes or prints it.
pub(crate) fn har(file: &Path, crew: Option<&str>, out: Option<&Path>) -> Result<(), CliError> {
    let name = file.display().to_string();
    let read = fs::read_to_string(file).map_err(|error| Problems::from(Problem::unreadable(&name, &error)))?;
    let made = from_har(&name, &read, crew).map_err(Problems::from)?;
    if made.without_body > 0 {
        note(&format!(
            "crewpass-contract: warning: {} of its answers with documents or a link have no body, so what was asked for by \
             them is missing in the scenario, perhaps the failure itself: capture bodies, too (content.text)\n",
            made.without_body
        ));
    }
    let Some(out) = out else { return say(&made.text) };
    fs::write(out, made.text).map_err(|source| CliError::File { path: out.to_owned(), source })?;
    let path = out.display().to_string();
    let path = quoted(&path);
    note(&format!("written to {path}; run it with `crewpass-contract replay {path} -- CMD`\n"));
    Ok(())
}
