//! The files that a world was read from, with digests, to detect changes. Files of documents may be large, so they are
//! compared by their stamps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::disk_file::FileStamp;
use super::read::MAX_WORLD_BYTES;
use crate::regular_file::read_regular;

/// The files of a world and of those that it extends with their digests, and the files of its documents; `None` for a
/// file that does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    files: BTreeMap<PathBuf, Option<[u8; 32]>>,
    documents: BTreeMap<PathBuf, Option<FileStamp>>,
}

impl Seen {
    /// Notes a file that is about to be read.
    pub(super) fn look(&mut self, path: &Path) {
        self.files.entry(path.to_owned()).or_default();
    }

    /// Notes the content of a file.
    pub(super) fn read(&mut self, path: &Path, bytes: &[u8]) {
        self.files.insert(path.to_owned(), Some(Sha256::digest(bytes).into()));
    }

    /// Notes the file of a document, which is about to be read.
    pub(super) fn look_at_document(&mut self, path: &Path) {
        self.documents.entry(path.to_owned()).or_insert_with(|| stamp_of(path));
    }

    /// Merges the files of a later load, which wins.
    #[cfg(feature = "watch")]
    pub(crate) fn with(mut self, later: Self) -> Self {
        self.files.extend(later.files);
        self.documents.extend(later.documents);
        self
    }

    /// Returns true if no file has changed.
    pub fn holds(&self) -> bool {
        self.files.iter().all(|(path, digest)| *digest == digest_of(path))
            && self.documents.iter().all(|(path, stamp)| *stamp == stamp_of(path))
    }

    /// Returns the folders to watch: those of the files, and of the targets of links.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.files.keys().chain(self.documents.keys());
        files.flat_map(|file| std::iter::once(file.clone()).chain(file.canonicalize())).map(|file| {
            let folder = if file.is_dir() { Some(&*file) } else { file.parent() };
            folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
        })
    }
}

/// Returns the digest of a file that a world can be read from; `None` for anything else.
fn digest_of(path: &Path) -> Option<[u8; 32]> {
    read_regular(path, MAX_WORLD_BYTES).ok().map(|bytes| Sha256::digest(bytes).into())
}

fn stamp_of(path: &Path) -> Option<FileStamp> {
    std::fs::metadata(path).ok().map(|about| FileStamp::new(&about))
}

#[cfg(test)]
mod tests {
    use super::super::World;
    use super::*;

    fn seen(folder: &Path) -> Seen {
        let mut seen = Seen::default();
        // Its problems are not part of these tests.
        let _ = World::open_seen(folder, None, &mut seen);
        seen
    }

    #[test]
    fn a_fingerprint_holds_until_a_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        assert!(seen(folder.path()).folders().any(|seen| seen == folder.path()), "there may be a world");
        write("world.yaml", "extends: base.yaml\n");
        let alone = seen(folder.path());
        assert!(alone.holds());
        write("base.yaml", "seed: 1\n");
        assert!(!alone.holds(), "there is the base now");
        let both = seen(folder.path());
        assert!(both.holds());
        write("base.yaml", "seed: 1\n");
        assert!(both.holds(), "it has the same content");
        write("base.yaml", "seed: 2\n");
        assert!(!both.holds());
        std::fs::remove_file(folder.path().join("base.yaml")).unwrap();
        assert!(!both.holds() && alone.holds());
    }

    #[test]
    fn a_fingerprint_holds_until_the_file_of_a_document_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        std::fs::create_dir(&files).unwrap();
        let document = r"{id: d, type: STCW, title: T, verification_status: verified, file: {path: a.pdf}}";
        let world = format!("files: files\ncrew: [{{id: c, documents: [{document}]}}]\n");
        std::fs::write(folder.path().join("world.yaml"), world).unwrap();
        let missing = seen(folder.path());
        assert!(missing.holds());
        std::fs::write(files.join("a.pdf"), "one").unwrap();
        assert!(!missing.holds(), "there it is");
        let read = seen(folder.path());
        let folders: std::collections::BTreeSet<_> = read.folders().map(|one| one.canonicalize().unwrap()).collect();
        assert!(read.holds() && folders.contains(&files.canonicalize().unwrap()), "{folders:?}");
        std::fs::write(files.join("b.pdf"), "another").unwrap();
        assert!(read.holds(), "no document has it");
        // Another file of that length, and of that time, in its place.
        let written = std::fs::metadata(files.join("a.pdf")).unwrap().modified().unwrap();
        std::fs::write(files.join("new"), "two").unwrap();
        std::fs::File::options().write(true).open(files.join("new")).unwrap().set_modified(written).unwrap();
        std::fs::rename(files.join("new"), files.join("a.pdf")).unwrap();
        assert!(!read.holds());
        let read = seen(folder.path());
        std::fs::File::options()
            .write(true)
            .open(files.join("a.pdf"))
            .unwrap()
            .set_modified(written - std::time::Duration::from_secs(1))
            .unwrap();
        assert!(!read.holds(), "written at another time");
        let read = seen(folder.path());
        std::fs::write(files.join("a.pdf"), "longer").unwrap();
        assert!(!read.holds());
        let read = seen(folder.path());
        std::fs::remove_file(files.join("a.pdf")).unwrap();
        assert!(!read.holds());
    }

    #[test]
    fn the_folders_are_those_of_files_and_of_targets_of_links() {
        let root = tempfile::tempdir().unwrap();
        let (here, there) = (root.path().join("here"), root.path().join("there"));
        std::fs::create_dir_all(&here).unwrap();
        std::fs::create_dir_all(&there).unwrap();
        std::fs::write(there.join("w.yaml"), "seed: 1\n").unwrap();
        std::os::unix::fs::symlink(there.join("w.yaml"), here.join("w.yaml")).unwrap();
        let folders: std::collections::BTreeSet<_> = seen(&here.join("w.yaml")).folders().collect();
        assert_eq!(folders, [here, there.canonicalize().unwrap()].into());
        let mut bare = Seen::default();
        bare.look(Path::new("no-such-world.yaml"));
        assert_eq!(bare.folders().collect::<Vec<_>>(), [Path::new(".")]);
    }
}
