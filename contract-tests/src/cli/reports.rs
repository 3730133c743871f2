//! Writes reports: to the requested files, and a human one to standard output unless that is in
//! use.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::report::{Format, Run};

use super::console::{note, say, width};
use super::error::CliError;

/// Writes all reports of a run. One that can't be written does not stop the others; the first
/// error is returned.
pub(crate) fn write(run: &Run, wanted: &[(Format, PathBuf)]) -> Result<(), CliError> {
    let on_stdout = |path: &Path| path == Path::new("-");
    let human = render(run, Format::Human)?;
    let mut failed = Ok(());
    let mut note_failure = |done: Result<(), CliError>| match (done, &failed) {
        (Err(error), Ok(())) => failed = Err(error),
        (Err(error), Err(_)) => note(&format!("crewpass-contract: {error}\n")),
        (Ok(()), _) => {}
    };
    if wanted.iter().any(|(_, path)| on_stdout(path)) {
        note(&human);
    } else {
        note_failure(say(&human));
    }
    for (format, path) in wanted {
        let done = render(run, *format).and_then(|text| if on_stdout(path) { say(&text) } else { save(path, &text) });
        note_failure(done);
    }
    failed
}

/// Writes a text to a file, all of it or nothing: an older file stays if the disk is full.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), CliError> {
    replace(path, text.as_bytes()).map_err(|source| CliError::File { path: path.to_path_buf(), source })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link, and what is not a file (a pipe, a terminal) is written to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let known = fs::metadata(&path).ok();
    if known.as_ref().is_some_and(|about| !about.is_file()) {
        return fs::write(&path, bytes);
    }
    let mode = known.map_or(0o666, |about| about.permissions().mode());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().permissions(fs::Permissions::from_mode(mode)).tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.persist(&path)?;
    Ok(())
}

fn render(run: &Run, format: Format) -> Result<String, CliError> {
    format.render(run, width()).map_err(|error| CliError::Gate(format!("a report can't be written: {error}")))
}
