//! The files below `OUT_DIR`, by the hash of their bytes. A file is read again only if it has changed.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::client::witness::sha256_of;

/// The longest file that is read; no document of a receiver's world is nearly as long.
const LONGEST: u64 = 16 << 20;

/// The most files that are looked at.
const MOST: usize = 5_000;

/// What tells that a file has changed.
type Stamp = (u64, Option<SystemTime>);

/// The files below a folder.
#[derive(Debug, Default)]
pub(super) struct Saved {
    known: BTreeMap<PathBuf, (Stamp, String)>,
}

impl Saved {
    /// Looks at the folder again. What disappears meanwhile is not there.
    pub(super) fn look(&mut self, folder: &Path) {
        let before = std::mem::take(&mut self.known);
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten().take(MOST) {
                let (path, Ok(about)) = (entry.path(), entry.metadata()) else { continue };
                if about.is_dir() {
                    folders.push(path);
                } else if about.is_file() && about.len() <= LONGEST && self.known.len() < MOST {
                    let stamp = stamp(&about);
                    let known = before.get(&path).filter(|(known, _)| *known == stamp).map(|(_, hash)| hash.clone());
                    let hash = known.or_else(|| fs::read(&path).ok().map(|bytes| sha256_of(&bytes)));
                    self.known.insert(path, (stamp, hash.unwrap_or_default()));
                }
            }
        }
    }

    /// Returns the number of files with these bytes.
    pub(super) fn copies(&self, sha256: &str) -> usize {
        self.known.values().filter(|(_, hash)| hash == sha256).count()
    }

    /// Returns true if there is no file.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

fn stamp(about: &Metadata) -> Stamp {
    (about.len(), about.modified().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_by_their_bytes_and_read_again_after_a_change() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("one"), "x").unwrap();
        fs::write(folder.path().join("a/two"), "x").unwrap();
        let mut saved = Saved::default();
        assert!(saved.is_empty());
        saved.look(folder.path());
        assert_eq!((saved.copies(&sha256_of(b"x")), saved.copies(&sha256_of(b"yy"))), (2, 0));
        fs::write(folder.path().join("one"), "yy").unwrap();
        saved.look(folder.path());
        assert_eq!((saved.copies(&sha256_of(b"x")), saved.copies(&sha256_of(b"yy"))), (1, 1));
    }
}
