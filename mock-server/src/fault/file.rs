//! Files of rules, in YAML or JSON; a problem is reported with its place.

use std::path::Path as FilePath;

use super::Fault;
use crate::world::{Problem, WorldError, new_source};

/// Reads a list of rules from a file.
///
/// # Errors
/// A file that can't be read or parsed, with line and column.
pub fn read_faults(path: &FilePath) -> Result<Vec<Fault>, WorldError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Problem::of_file(&name, format!("these faults can't be read: {error}")))?;
    Ok(new_source(&name, &text).read()?)
}
