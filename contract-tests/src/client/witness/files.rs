//! The file tree: everything in a sandbox, with hashes, modes and targets of symbolic links.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use crewpass_diagnostics::to_hex;
use memchr::memmem;
use sha2::{Digest, Sha256};

/// The longest file in bytes whose content is kept.
const KEPT: u64 = 64 << 10;

/// The most bytes of contents that one tree keeps. Beyond that, only files that may hold a key or a token are kept.
const KEPT_IN_ALL: u64 = 8 << 20;

/// The beginnings of keys and of tokens.
const SECRETS: [&[u8]; 2] = [b"cpk_", b"eyJ"];

/// The longest file that is read, in bytes, where no document of the case is longer: a longer one is no document.
const MOST_OF_FILE: u64 = 8 << 20;

/// The most bytes that are read for one tree.
const MOST_OF_TREE: u64 = 2 << 30;

/// The most entries of one tree.
const MOST_ENTRIES: usize = 100_000;

/// `ENAMETOOLONG`.
const NAME_TOO_LONG: i32 = 36;

/// The kind of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File {
        /// Its length.
        len: u64,
        /// The SHA-256 of its bytes, in lower-case hexadecimal; empty if they can't be read.
        sha256: String,
        /// Its bytes up to 64 KiB, for the search for secrets.
        bytes: Option<Vec<u8>>,
    },
    /// A folder.
    Folder,
    /// A symbolic link with its target.
    Symlink(PathBuf),
    /// A socket, a pipe or a device.
    Special,
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The kind of the entry.
    pub kind: Kind,
    /// Its permission bits.
    pub mode: u32,
}

impl Entry {
    /// Reads the entry at a path; `None` if there is none.
    fn read(path: &Path, room: &mut Room) -> io::Result<Option<Self>> {
        let Some(about) = existing(fs::symlink_metadata(path))? else { return Ok(None) };
        let mode = about.permissions().mode() & 0o7777;
        let kind = if about.is_dir() {
            Kind::Folder
        } else if about.is_symlink() {
            Kind::Symlink(existing(fs::read_link(path))?.unwrap_or_default())
        } else if about.is_file() {
            contents(path, &about, room)?
        } else {
            Kind::Special
        };
        Ok(Some(Self { kind, mode }))
    }
}

/// Reads a file in pieces and hashes it, so that memory use does not depend on its length.
fn contents(path: &Path, about: &Metadata, room: &mut Room) -> io::Result<Kind> {
    let unread = || Kind::File { len: about.len(), sha256: String::new(), bytes: None };
    // A sparse file has any length at no cost; reading it would take hours.
    if about.len() > room.longest {
        return Ok(unread());
    }
    if about.len() > room.bytes {
        room.excess = Some("more than 2 GiB of files");
        return Ok(unread());
    }
    let Ok(mut file) = File::open(path) else { return Ok(unread()) };
    let (mut hash, mut len, mut kept) = (Sha256::new(), 0, Vec::new());
    // One byte more than the length lets one read find the end.
    let mut piece = vec![0; usize::try_from(about.len().saturating_add(1).min(KEPT)).unwrap_or_default()];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        if crate::client::run::is_stopping() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "a signal stopped the gate"));
        }
        if len > room.longest {
            return Ok(unread());
        }
        hash.update(&piece[..read]);
        len += read as u64;
        if len <= KEPT {
            kept.extend_from_slice(&piece[..read]);
        }
    }
    let sha256 = to_hex(&hash.finalize());
    room.bytes = room.bytes.saturating_sub(len);
    let is_kept = len <= KEPT && (room.kept >= len || SECRETS.iter().any(|part| memmem::find(&kept, part).is_some()));
    room.kept = room.kept.saturating_sub(if is_kept { len } else { 0 });
    Ok(Kind::File { len, sha256, bytes: is_kept.then_some(kept) })
}

impl Room {
    /// Returns true if an error is the client's doing: a path that the system can't open.
    fn notes(&mut self, error: &io::Error) -> bool {
        let is_long = error.raw_os_error() == Some(NAME_TOO_LONG);
        if is_long {
            self.excess = Some("paths that are longer than the system can open");
        }
        is_long
    }
}

/// Returns the SHA-256 of some bytes, in lower-case hexadecimal.
pub fn sha256_of(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Returns the SHA-256 of bytes that arrive in pieces, so that memory use does not depend on their
/// number.
pub(crate) fn sha256_in_pieces(each: impl FnOnce(&mut dyn FnMut(&[u8])) -> io::Result<()>) -> io::Result<String> {
    let mut hash = Sha256::new();
    each(&mut |piece| hash.update(piece))?;
    Ok(to_hex(&hash.finalize()))
}

/// Returns `None` for an error that means that the file is not there, or no longer.
fn existing<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | PermissionDenied) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns a path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = normal.pop(),
            part => normal.push(part),
        }
    }
    normal
}

/// A file tree at one moment: entries by path from its root, which is not an entry itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The entries.
    pub entries: BTreeMap<PathBuf, Entry>,
    /// The reason why entries are missing: what a client left is more than anybody can look at.
    pub excess: Option<&'static str>,
}

/// The room that is left while a tree is read.
struct Room {
    /// The longest file that is read.
    longest: u64,
    bytes: u64,
    kept: u64,
    excess: Option<&'static str>,
}

impl Tree {
    /// Reads everything below a folder. Symbolic links are not followed, and entries that disappear
    /// during the read are skipped. What is longer than `longest`, the length of a document, is not hashed.
    pub fn read(root: &Path, longest: u64) -> io::Result<Self> {
        let mut tree = Self::default();
        let longest = longest.max(MOST_OF_FILE);
        let mut left = Room { longest, bytes: MOST_OF_TREE, kept: KEPT_IN_ALL, excess: None };
        let mut folders = vec![PathBuf::new()];
        'all: while let Some(folder) = folders.pop() {
            let names = match existing(fs::read_dir(root.join(&folder))) {
                Ok(Some(names)) => names,
                Ok(None) => continue,
                Err(error) if left.notes(&error) => continue,
                Err(error) => return Err(error),
            };
            for name in names {
                let path = folder.join(name?.file_name());
                let entry = match Entry::read(&root.join(&path), &mut left) {
                    Ok(Some(entry)) => entry,
                    Ok(None) => continue,
                    Err(error) if left.notes(&error) => continue,
                    Err(error) => return Err(error),
                };
                if tree.entries.len() == MOST_ENTRIES {
                    left.excess = Some("more than 100,000 files and folders");
                    break 'all;
                }
                if entry.kind == Kind::Folder {
                    folders.push(path.clone());
                }
                tree.entries.insert(path, entry);
            }
        }
        tree.excess = left.excess;
        Ok(tree)
    }

    /// Forgets the contents of files that are the same in another tree: only what changed is searched for secrets.
    pub(crate) fn forget_what_is_in(&mut self, other: &mut Self) {
        for (path, entry) in &mut self.entries {
            let Some(known) = other.entries.get_mut(path).filter(|known| *known == entry) else { continue };
            for same in [entry, known] {
                if let Kind::File { bytes, .. } = &mut same.kind {
                    *bytes = None;
                }
            }
        }
    }

    /// Adds another tree's entries below a path. Existing entries stay.
    pub(crate) fn graft(&mut self, other: Self, below: &Path) {
        self.excess = self.excess.or(other.excess);
        for (path, entry) in other.entries {
            self.entries.entry(below.join(path)).or_insert(entry);
        }
    }

    /// Returns the regular files with their lengths and hashes.
    pub fn files(&self) -> impl Iterator<Item = (&PathBuf, u64, &str)> {
        self.entries.iter().filter_map(|(path, entry)| match &entry.kind {
            Kind::File { len, sha256, .. } => Some((path, *len, sha256.as_str())),
            _ => None,
        })
    }

    /// Returns the hash of the regular file that a symbolic link at `link` leads to, if it is in the tree.
    pub fn hash_behind(&self, link: &Path, target: &Path) -> Option<&str> {
        let place = link.parent().unwrap_or(Path::new("")).join(target);
        let leads_to = |path: &Path| if target.is_absolute() { target.ends_with(path) } else { normal(&place) == path };
        self.files().find(|(path, ..)| leads_to(path)).map(|(_, _, hash)| hash)
    }

    /// Returns true if some regular file has this hash.
    pub fn has(&self, sha256: &str) -> bool {
        self.files().any(|(_, _, hash)| hash == sha256)
    }
}
