//! Which files a world was read from, and what they said: enough to tell later whether they say something else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The files of a world and of those that it extends, each with the digest of what was read; `None` where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    files: BTreeMap<PathBuf, Option<[u8; 32]>>,
}

impl Seen {
    /// Notes a file that is about to be read.
    pub(super) fn look(&mut self, path: &Path) {
        self.files.entry(path.to_owned()).or_default();
    }

    /// Notes what a file said.
    pub(super) fn read(&mut self, path: &Path, bytes: &[u8]) {
        self.files.insert(path.to_owned(), Some(Sha256::digest(bytes).into()));
    }

    /// The files of both, as `later` has them.
    pub(crate) fn with(mut self, later: Self) -> Self {
        self.files.extend(later.files);
        self
    }

    /// Whether each file still says what it said.
    pub fn holds(&self) -> bool {
        self.files.iter().all(|(path, digest)| *digest == digest_of(path))
    }

    /// The folders to look at for changes: those of the files and, where one is a link, of what it leads to.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.files.keys();
        files.flat_map(|file| std::iter::once(file.clone()).chain(file.canonicalize())).map(|file| {
            let folder = if file.is_dir() { Some(&*file) } else { file.parent() };
            folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
        })
    }
}

fn digest_of(path: &Path) -> Option<[u8; 32]> {
    std::fs::read(path).ok().map(|bytes| Sha256::digest(bytes).into())
}
