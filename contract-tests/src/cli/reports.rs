//! Writes reports: to the requested files, and a human one to standard output unless that is in
//! use; and keeps the run for `show`.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::outcome::KnownFailures;
use crate::report::{Format, Look, Run, read_saved_run, saved_run_text};

use super::console::{look, look_of_errors, look_of_file, note, say};
use super::error::CliError;
use super::preflight::can_write;

/// The folder in which a run is saved, if the caller names no file.
const USUAL_FOLDER: &str = ".crewpass";

/// The reports that a caller wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// Formats with their files.
    pub(crate) reports: &'a [(Format, PathBuf)],
    /// Is true if the report for people shows every case.
    pub(crate) verbose: bool,
    /// The file in which the run is saved.
    pub(crate) last_run: Option<&'a Path>,
}

/// Writes all reports of a run. One that can't be written does not stop the others; the first
/// error is returned.
pub(crate) fn write(run: &Run, wanted: Wanted<'_>) -> Result<(), CliError> {
    let on_stdout = |path: &Path| path == Path::new("-");
    let last_run = wanted.last_run.filter(|path| is_saved(path, &can_save(path)));
    let with = |look: Look| Look { verbose: wanted.verbose, is_saved: last_run.is_some(), ..look };
    let mut failed = Ok(());
    let mut note_failure = |done: Result<(), CliError>| match (done, &failed) {
        (Err(error), Ok(())) => failed = Err(error),
        (Err(error), Err(_)) => note(&format!("crewpass-contract: {error}\n")),
        (Ok(()), _) => {}
    };
    // Files first, since a signal leaves little time.
    for (format, path) in wanted.reports.iter().filter(|(_, path)| !on_stdout(path)) {
        note_failure(render(run, *format, with(look_of_file())).and_then(|text| save(path, &text)));
    }
    let mut to_stdout = wanted.reports.iter().filter(|(_, path)| on_stdout(path)).peekable();
    if to_stdout.peek().is_some() {
        note(&render(run, Format::Human, with(look_of_errors()))?);
    } else {
        note_failure(say(&render(run, Format::Human, with(look()))?));
    }
    for (format, _) in to_stdout {
        note_failure(render(run, *format, with(look())).and_then(|text| say(&text)));
    }
    if let Some(path) = last_run {
        keep_whole(path, run);
        is_saved(path, &saved_run_text(run).map_err(io::Error::from).and_then(|text| replace(path, text.as_bytes())));
    }
    failed
}

/// Returns the file in which the last run that judged everything is kept while parts of it are judged again.
pub(super) fn whole_run(last_run: &Path) -> PathBuf {
    let name = last_run.file_stem().unwrap_or_default().to_string_lossy();
    last_run.with_file_name(format!("{name}-whole.json"))
}

/// Keeps the run before this one for `show`, if it judged everything and this one does not. What can't be kept is no more
/// than a convenience.
fn keep_whole(path: &Path, run: &Run) {
    if run.head.selection.is_empty() {
        let _ = fs::remove_file(whole_run(path));
        return;
    }
    let before = fs::read_to_string(path).ok().and_then(|text| read_saved_run(&text).ok());
    if before.is_some_and(|before| before.head.selection.is_empty()) {
        let _ = fs::rename(path, whole_run(path));
    }
}

/// Checks that a run can be saved in a file, and makes its folder.
fn can_save(path: &Path) -> io::Result<()> {
    open_folder(path)?;
    can_write(path)
}

/// Returns true if a run was, or can be, saved. If not, one line says so, and nothing else is affected.
fn is_saved(path: &Path, saved: &io::Result<()>) -> bool {
    if let Err(error) = saved {
        note(&format!("crewpass-contract: this run can't be saved for `show` in {}: {error}\n", path.display()));
    }
    saved.is_ok()
}

/// Makes the folder of a file, if it is missing. A version control system does not see what is in the usual one.
fn open_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) else {
        return Ok(());
    };
    fs::create_dir_all(folder)?;
    if folder.ends_with(USUAL_FOLDER) { fs::write(folder.join(".gitignore"), "*\n") } else { Ok(()) }
}

/// Writes a text to a file, all of it or nothing: an older file stays if the disk is full.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), CliError> {
    replace(path, text.as_bytes()).map_err(|source| CliError::File { path: path.to_path_buf(), source })
}

/// Writes a list of known failures, and says so.
pub(crate) fn save_known(path: &Path, list: &KnownFailures) -> Result<(), CliError> {
    save(path, &list.written().map_err(|error| CliError::Gate(error.to_string()))?)?;
    let (count, path) = (list.entries.len(), path.display());
    let entries = if count == 1 { "entry" } else { "entries" };
    note(&format!(
        "crewpass-contract: wrote {count} {entries} to {path}; with `--known-failures {path}`, a later run keeps your reasons\n"
    ));
    Ok(())
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

fn render(run: &Run, format: Format, look: Look) -> Result<String, CliError> {
    format.render(run, look).map_err(|error| CliError::Gate(format!("a report can't be written: {error}")))
}
