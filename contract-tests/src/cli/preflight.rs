//! Looks at the disk before the first case: what can't be written, and a disk that is full or very slow, must not become
//! a verdict.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::CliError;

/// The space that must be free for sandboxes. The largest document has 200 MiB.
const FREE: u64 = 256 << 20;

/// The size of the file that is written to see how fast the disk is.
const PROBE: usize = 64 << 10;

/// A disk that needs longer for that file, twice, is too slow to judge a client on it.
const SLOW: Duration = Duration::from_secs(5);

/// Checks the folder for temporary files, and that every one of these files can be written.
pub(super) fn check<'a>(written: impl IntoIterator<Item = &'a Path>) -> Result<(), CliError> {
    let folder = env::temp_dir();
    let advice = "set TMPDIR to another folder";
    let bad = |why: &str| CliError::Usage(format!("TMPDIR {}: {why}; {advice}", folder.display()));
    let took = probe(&folder).map_err(|error| bad(&error.to_string()))?;
    if took > SLOW && probe(&folder).map_err(|error| bad(&error.to_string()))? > SLOW {
        return Err(bad(&format!("the disk needed {:.0} s for 64 KiB", took.as_secs_f64())));
    }
    if let Some(free) = free_space(&folder).filter(|free| *free < FREE) {
        return Err(bad(&format!("only {} MiB are free, and {} are needed", free >> 20, FREE >> 20)));
    }
    for path in written.into_iter().filter(|path| *path != Path::new("-")) {
        can_write(path).map_err(|source| CliError::File { path: path.to_owned(), source })?;
    }
    Ok(())
}

/// Writes a file to the disk, and returns the time that it took.
fn probe(folder: &Path) -> io::Result<Duration> {
    let begun = Instant::now();
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&vec![0; PROBE])?;
    file.sync_all()?;
    Ok(begun.elapsed())
}

fn free_space(folder: &Path) -> Option<u64> {
    rustix::fs::statvfs(folder).ok().map(|system| system.f_bavail.saturating_mul(system.f_frsize))
}

/// Checks that a file can be written, without changing it.
pub(super) fn can_write(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(about) if !about.is_file() => Ok(()),
        _ => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            match folder.filter(|folder| !folder.exists()) {
                Some(missing) => Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    format!("there is no folder {}: make it first", missing.display()),
                )),
                None => tempfile::tempfile_in(folder.unwrap_or(Path::new("."))).map(|_| ()),
            }
        }
    }
}

/// Returns the paths of reports.
pub(super) fn paths_of<F>(reports: &[(F, PathBuf)]) -> impl Iterator<Item = &Path> {
    reports.iter().map(|(_, path)| path.as_path())
}
