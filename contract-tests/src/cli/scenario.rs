//! `scenario check`: whether a scenario file can be played, without playing it.

use std::path::Path;

use crewpass_contract::scenario::Scenarios;

use super::error::CliError;
use super::list::pinned;
use super::say::say;

/// Checks one file, beside the built-in scenarios.
pub(crate) fn check(file: &Path) -> Result<(), CliError> {
    let (all, id) = Scenarios::with_file(&pinned(None)?, file)?;
    let title = all.get(&id).map_or("", |scenario| &scenario.title);
    say(&format!("{}: {title}\n", file.display()))
}
