//! The option `client --snapshot`: keeps a text for each case, and compares later runs with it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::client::play::Played;
use crate::report::snapshot;
use similar::TextDiff;

use super::console::note;
use super::error::CliError;
use super::reports::save;

/// Compares every case with its text, or writes the first one. Returns the number of cases that
/// differ; with `accept` the new texts replace the old ones.
pub(super) fn hold(folder: &Path, accept: bool, played: &[Played]) -> Result<usize, CliError> {
    fs::create_dir_all(folder).map_err(|source| CliError::File { path: folder.to_path_buf(), source })?;
    let mut differ = 0;
    for one in played {
        let Ok(case) = &one.case else { continue };
        let name = one.planned.name().replace('/', "__");
        differ += usize::from(differs(&folder.join(format!("{name}.txt")), accept, &snapshot(case))?);
    }
    if differ > 0 {
        note(&format!("{differ} snapshots differ; check the .new files, and accept them with --accept\n"));
    }
    Ok(differ)
}

fn differs(path: &Path, accept: bool, now: &str) -> Result<bool, CliError> {
    let new = PathBuf::from(format!("{}.new", path.display()));
    let old = match fs::read_to_string(path) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(source) => return Err(CliError::File { path: path.to_path_buf(), source }),
    };
    let same = old.as_deref().is_none_or(|old| old == now);
    if same || accept {
        save(path, now)?;
        return match fs::remove_file(&new) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(CliError::File { path: new, source }),
            _ => Ok(false),
        };
    }
    save(&new, now)?;
    let old = old.unwrap_or_default();
    let diff = TextDiff::from_lines(old.as_str(), now);
    let (before, after) = (path.display().to_string(), new.display().to_string());
    note(&diff.unified_diff().context_radius(2).header(&before, &after).to_string());
    Ok(true)
}
