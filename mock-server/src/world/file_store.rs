//! The files of a world. Each is read once, when the world is loaded: small ones are held in memory, of large ones only
//! the path. None can be outside the folder that the world names.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use hashbrown::HashMap;

use super::disk_file::DiskFile;
use super::{Seen, Text};
use crate::http::{SendfileBytes, SendfileCache};
use crate::positioned::PositionedFile;
use crate::regular_file::read_regular;

/// The largest size of a file that is held in memory.
pub(super) const MAX_IN_MEMORY: u64 = 1 << 20;

/// The largest size of a file. A larger one is a mistake, such as a sparse file.
const MAX_FILE_BYTES: u64 = 16 << 30;

/// The bytes of a document, or the file that has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of them.
    Memory(SendfileBytes),
    /// A file that is too large for memory.
    Disk(DiskFile),
    /// A temporary file without a name, removed when its last handle is closed.
    Unnamed {
        /// The file.
        file: Unnamed,
        /// Its length.
        len: u64,
    },
}

/// A handle of a file without a name, for reads at any position.
#[derive(Clone, Debug)]
pub struct Unnamed(pub(crate) Arc<File>);

impl PartialEq for Unnamed {
    /// Returns true if both are the same file.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Unnamed {}

impl Content {
    /// Returns the number of bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(file) => file.len(),
            Self::Unnamed { len, .. } => *len,
        }
    }

    /// Calls `take` with all bytes, piece by piece if they are not in memory.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn each(&self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let file = match self {
            Self::Memory(bytes) => {
                take(bytes);
                return Ok(());
            }
            Self::Disk(file) => Arc::new(file.open()?),
            Self::Unnamed { file, .. } => Arc::clone(&file.0),
        };
        let (mut piece, mut at) = (vec![0; 1 << 16], 0);
        loop {
            let read = file.read_at(&mut piece, at)?;
            if read == 0 {
                return Ok(());
            }
            take(&piece[..read]);
            at += read as u64;
        }
    }

    /// Returns true if there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The source of the files of one world file.
#[derive(Clone, Debug)]
pub(super) enum FileRoot {
    /// No files: a text without a folder.
    Nowhere,
    /// A folder on the disk, as a canonical path.
    Folder(PathBuf),
    /// Files of the program itself.
    Embedded(&'static [(&'static str, &'static [u8])]),
}

/// The reason why a file is refused.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("this world was given as text, without a folder in which `{0}` could be")]
    Nowhere(String),
    #[error("`{0}` leads out of the world's files folder")]
    Outside(String),
    #[error("there is no file `{path}` in the world's files folder{folder}")]
    Missing { path: String, folder: String },
    #[error("there is no folder `{0}`")]
    NoFolder(String),
    #[error("`{0}` has more than {MAX_FILE_BYTES} bytes")]
    TooLarge(String),
    #[error("`{0}` is not a file")]
    NoFile(String),
    #[error("`{path}` can't be read: {error}")]
    Unreadable { path: String, error: Arc<io::Error> },
}

impl FileRoot {
    /// Resolves the folder `files` of a world in `folder`: below it, or beside it.
    pub(super) fn new(folder: Option<&Path>, files: Option<&str>) -> Result<Self, Refused> {
        let (Some(folder), files) = (folder, files.unwrap_or(".")) else { return Ok(Self::Nowhere) };
        let mut ups = 0;
        for (at, component) in Path::new(files).components().enumerate() {
            match component {
                Component::CurDir | Component::Normal(_) => {}
                Component::ParentDir if at == 0 => ups += 1,
                _ => return Err(Refused::Outside(files.to_owned())),
            }
        }
        let joined = folder.join(files);
        let found = joined.canonicalize().ok().filter(|found| found.is_dir());
        let found = found.ok_or_else(|| Refused::NoFolder(files.to_owned()))?;
        // A symbolic link must not leave the folders that the text could name: this one, or the one above.
        let mut bound = folder.canonicalize().map_err(|error| unreadable(files, error))?;
        if ups > 0 {
            bound.pop();
        }
        if found.starts_with(&bound) { Ok(Self::Folder(found)) } else { Err(Refused::Outside(files.to_owned())) }
    }

    fn content(&self, path: &str) -> Result<Content, Refused> {
        if !is_plain(path) {
            return Err(Refused::Outside(path.to_owned()));
        }
        match self {
            Self::Nowhere => Err(Refused::Nowhere(path.to_owned())),
            Self::Embedded(files) => {
                let found = files.iter().find(|(name, _)| *name == path);
                let missing = || Refused::Missing { path: path.to_owned(), folder: String::new() };
                found.map(|(_, bytes)| Content::Memory(Bytes::from_static(bytes).into())).ok_or_else(missing)
            }
            Self::Folder(folder) => read_from_disk(folder, path),
        }
    }

    /// Returns the path on the disk, if the files are in a folder.
    fn place(&self, path: &str) -> Option<PathBuf> {
        let Self::Folder(folder) = self else { return None };
        is_plain(path).then(|| folder.join(path))
    }

    /// Returns the names of the files directly in the folder, for a "did you mean".
    pub(super) fn names(&self) -> Vec<String> {
        let Self::Folder(folder) = self else { return Vec::new() };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

/// Returns true if the text of a path does not leave its folder; links are checked later.
fn is_plain(path: &str) -> bool {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    plain && !path.is_empty()
}

fn read_from_disk(folder: &Path, path: &str) -> Result<Content, Refused> {
    let found = match folder.join(path).canonicalize() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder.file_name().map(|name| format!(" `{}`", name.to_string_lossy())).unwrap_or_default();
            return Err(Refused::Missing { path: path.to_owned(), folder });
        }
        Err(error) => return Err(unreadable(path, error)),
    };
    if !found.starts_with(folder) {
        return Err(Refused::Outside(path.to_owned()));
    }
    let about = found.metadata().map_err(|error| unreadable(path, error))?;
    if !about.is_file() {
        return Err(Refused::NoFile(path.to_owned()));
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(Refused::TooLarge(path.to_owned()));
    }
    if about.len() > MAX_IN_MEMORY {
        return Ok(Content::Disk(DiskFile::new(&found, &about)));
    }
    let bytes = read_regular(&found, MAX_IN_MEMORY).map_err(|error| unreadable(path, error))?;
    Ok(Content::Memory(bytes.into()))
}

fn unreadable(path: &str, error: io::Error) -> Refused {
    Refused::Unreadable { path: path.to_owned(), error: Arc::new(error) }
}

/// The files that the documents of a world name, by layer and path.
#[derive(Debug, Default)]
pub(super) struct FileStore {
    layers: Vec<HashMap<Text, Content>>,
    sendfile: SendfileCache,
}

impl FileStore {
    /// Adds a file, if it is not there already.
    pub(super) fn take(&mut self, roots: &[FileRoot], layer: u8, path: &Text, seen: &mut Seen) -> Result<(), Refused> {
        let layer = usize::from(layer);
        if self.layers.len() <= layer {
            self.layers.resize_with(layer + 1, HashMap::new);
        }
        if !self.layers[layer].contains_key(path) {
            let root = roots.get(layer).unwrap_or(&FileRoot::Nowhere);
            if let Some(place) = root.place(path) {
                seen.look_at_document(&place);
            }
            let content = match root.content(path)? {
                Content::Memory(bytes) => Content::Memory(self.sendfile.insert(bytes.into_bytes())),
                elsewhere => elsewhere,
            };
            self.layers[layer].insert(path.clone(), content);
        }
        Ok(())
    }

    /// Returns a file that was added.
    pub(super) fn get(&self, layer: u8, path: &Text) -> Option<&Content> {
        self.layers.get(usize::from(layer))?.get(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_of_a_file_are_read_from_any_source() {
        let bytes: Vec<u8> = (0..150_000_u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        std::fs::write(&path, &bytes).unwrap();
        let len = bytes.len() as u64;
        let unnamed = Unnamed(Arc::new(File::open(&path).unwrap()));
        for content in [
            Content::Memory(bytes.clone().into()),
            Content::Disk(DiskFile::new(&path, &path.metadata().unwrap())),
            Content::Unnamed { file: unnamed, len },
        ] {
            let mut given = Vec::new();
            content.each(|piece| given.extend_from_slice(piece)).unwrap();
            assert!(given == bytes && content.len() == len && !content.is_empty(), "{content:?}");
        }
        assert!(Content::Memory(Bytes::new().into()).is_empty());
        let lost = Content::Disk(DiskFile::new(&path, &path.metadata().unwrap()));
        std::fs::remove_file(&path).unwrap();
        assert!(lost.each(|_| ()).is_err());
    }
}
