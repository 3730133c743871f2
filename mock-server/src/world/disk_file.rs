//! A file that stays on the disk, with its stamp when it was read.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::notice;
use crate::regular_file::open_regular;

/// A file on the disk. It can be opened for as long as nobody changes it.
#[derive(Clone, Debug)]
pub struct DiskFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: Box<Path>,
    stamp: FileStamp,
    /// Is true if a change was reported, so that each is reported once.
    is_reported: AtomicBool,
}

/// The identity of a file as it was written last: a file that was replaced or rewritten has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    len: u64,
    written: Option<SystemTime>,
    place: FilePlace,
}

/// The number of a file and the time of its last change, which no program can set. Where the system has neither, both
/// are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct FilePlace {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

impl FilePlace {
    #[cfg(unix)]
    fn new(about: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self { device: about.dev(), inode: about.ino(), changed: (about.ctime(), about.ctime_nsec()) }
    }

    #[cfg(not(unix))]
    fn new(_: &Metadata) -> Self {
        Self::default()
    }
}

impl FileStamp {
    pub(super) fn new(about: &Metadata) -> Self {
        Self { len: about.len(), written: about.modified().ok(), place: FilePlace::new(about) }
    }

    /// Fails if an open file is not as it was any more.
    pub(crate) fn check(self, file: &File) -> io::Result<()> {
        if Self::new(&file.metadata()?) == self { Ok(()) } else { Err(io::Error::other("the file has changed")) }
    }

    /// Returns the times of the last write and of the last change in nanoseconds of Unix time; 0 if the system has none.
    pub(crate) fn nanoseconds(self) -> [i128; 2] {
        let written = self.written.and_then(|written| written.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let (seconds, nanoseconds) = self.place.changed;
        let changed = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        [i128::try_from(written.as_nanos()).unwrap_or_default(), changed]
    }
}

impl PartialEq for DiskFile {
    fn eq(&self, other: &Self) -> bool {
        self.0.path == other.0.path && self.0.stamp == other.0.stamp
    }
}

impl Eq for DiskFile {}

impl DiskFile {
    /// Takes the file at a path as it is now.
    pub fn new(path: &Path, about: &Metadata) -> Self {
        let stamp = FileStamp::new(about);
        Self(Arc::new(Inner { path: path.into(), stamp, is_reported: AtomicBool::new(false) }))
    }

    /// Returns the length.
    pub(crate) fn len(&self) -> u64 {
        self.0.stamp.len
    }

    /// Returns the stamp that the file had when its world was loaded.
    pub(crate) fn stamp(&self) -> FileStamp {
        self.0.stamp
    }

    /// Opens the file.
    ///
    /// # Errors
    /// A file that is gone, is no regular file any more, or was written to. It is reported once.
    pub(crate) fn open(&self) -> io::Result<File> {
        let opened = open_regular(&self.0.path).and_then(|file| self.0.stamp.check(&file).map(|()| file));
        self.report(&opened);
        opened
    }

    /// Returns true if the file can be opened; it is not opened.
    pub(crate) fn is_unchanged(&self) -> bool {
        let about = std::fs::metadata(&self.0.path);
        let same = about.and_then(|about| {
            if FileStamp::new(&about) == self.0.stamp { Ok(()) } else { Err(io::Error::other("the file has changed")) }
        });
        self.report(&same);
        same.is_ok()
    }

    fn report<T>(&self, outcome: &io::Result<T>) {
        let failed = outcome.as_ref().err();
        if self.0.is_reported.swap(failed.is_some(), Ordering::Relaxed) {
            return;
        }
        if let Some(error) = failed {
            let path = self.0.path.display();
            notice::send(&format!(
                "{path}: {error}; its document is answered with 503 until the world is loaded again"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let file = DiskFile::new(&path, &path.metadata().unwrap());
        assert!(file.open().is_ok() && file.is_unchanged() && file.len() == 3);
        let opened = file.open().unwrap();
        let written = path.metadata().unwrap().modified().unwrap();
        for text in ["on", "longer"] {
            std::fs::write(&path, text).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
            assert!(file.open().is_err() && !file.is_unchanged(), "{text}");
            assert!(file.stamp().check(&opened).is_err(), "{text}");
        }
        std::fs::write(&path, "two").unwrap();
        let later = written + std::time::Duration::from_secs(1);
        File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert!(file.open().is_err() && !file.is_unchanged());
        std::fs::remove_file(&path).unwrap();
        assert!(file.open().is_err() && !file.is_unchanged());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_the_same_length_and_time_of_writing_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let file = DiskFile::new(&path, &path.metadata().unwrap());
        let (opened, written) = (file.open().unwrap(), path.metadata().unwrap().modified().unwrap());
        let before = path.metadata().unwrap();
        // The system's clock for files may stand still for some milliseconds.
        while FilePlace::new(&path.metadata().unwrap()) == FilePlace::new(&before) {
            std::fs::write(&path, "two").unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
        }
        assert!(file.open().is_err() && !file.is_unchanged() && file.stamp().check(&opened).is_err());
    }
}
