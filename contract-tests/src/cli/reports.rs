//! Writes reports: to the requested files, and a human one to standard output unless that is in
//! use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::report::{Format, Run};

use super::error::CliError;
use super::output::{note, say, width};

/// Writes all reports of a run.
pub(crate) fn write(run: &Run, wanted: &[(Format, PathBuf)]) -> Result<(), CliError> {
    let on_stdout = |path: &Path| path == Path::new("-");
    let human = render(run, Format::Human)?;
    if wanted.iter().any(|(_, path)| on_stdout(path)) {
        note(&human);
    } else {
        say(&human)?;
    }
    for (format, path) in wanted {
        let text = render(run, *format)?;
        if on_stdout(path) { say(&text)? } else { save(path, &text)? }
    }
    Ok(())
}

/// Writes a text to a file.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text).map_err(|source| CliError::File { path: path.to_path_buf(), source })
}

fn render(run: &Run, format: Format) -> Result<String, CliError> {
    format.render(run, width()).map_err(|error| CliError::Gate(format!("a report can't be written: {error}")))
}
