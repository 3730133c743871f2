//! Files of rules, in YAML or JSON; a problem is reported with its place.

use std::path::Path as FilePath;

use super::Fault;
use crate::regular_file::read_regular;
use crate::world::{Problem, WorldError, new_source};

/// The largest file of rules in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Reads a list of rules from a file.
///
/// # Errors
/// A file that can't be read or parsed, with line and column.
pub fn read_faults(path: &FilePath) -> Result<Vec<Fault>, WorldError> {
    let name = path.display().to_string();
    let unreadable = |error: &dyn std::fmt::Display| format!("these faults can't be read: {error}");
    let bytes = read_regular(path, MAX_BYTES).map_err(|error| Problem::of_file(&name, unreadable(&error)))?;
    let text = String::from_utf8(bytes).map_err(|error| Problem::of_file(&name, unreadable(&error)))?;
    Ok(new_source(&name, &text).read()?)
}
