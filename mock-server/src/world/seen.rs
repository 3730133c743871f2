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

#[cfg(test)]
mod tests {
    use super::super::World;
    use super::*;

    fn seen(folder: &Path) -> Seen {
        let mut seen = Seen::default();
        // What is wrong with it is not asked here.
        let _ = World::open_seen(folder, &mut seen);
        seen
    }

    #[test]
    fn what_was_read_holds_until_a_file_says_something_else() {
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
        assert!(both.holds(), "it says the same");
        write("base.yaml", "seed: 2\n");
        assert!(!both.holds());
        std::fs::remove_file(folder.path().join("base.yaml")).unwrap();
        assert!(!both.holds() && alone.holds());
    }

    #[test]
    fn the_folders_are_those_of_the_files_and_of_what_a_link_leads_to() {
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
