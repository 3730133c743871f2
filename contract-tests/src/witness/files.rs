//! The file tree: everything in a sandbox, with hashes, modes and where symlinks point.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What an entry of a tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File {
        /// Its length.
        len: u64,
        /// The SHA-256 of its bytes, in lower-case hexadecimal.
        sha256: String,
        /// Its bytes, where there are at most 64 KiB, for the search for secrets.
        bytes: Option<Vec<u8>>,
    },
    /// A folder.
    Folder,
    /// A symbolic link, and what it says.
    Symlink(PathBuf),
    /// A socket, a pipe or a device.
    Special,
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its permission bits.
    pub mode: u32,
}

/// A tree at one moment: entries by path from its root, which itself is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The entries.
    pub entries: BTreeMap<PathBuf, Entry>,
}

impl Tree {
    /// The regular files with their hashes.
    pub fn files(&self) -> impl Iterator<Item = (&PathBuf, u64, &str)> {
        self.entries.iter().filter_map(|(path, entry)| match &entry.kind {
            Kind::File { len, sha256, .. } => Some((path, *len, sha256.as_str())),
            _ => None,
        })
    }

    /// Whether some regular file has those bytes.
    pub fn has(&self, sha256: &str) -> bool {
        self.files().any(|(_, _, hash)| hash == sha256)
    }
}
