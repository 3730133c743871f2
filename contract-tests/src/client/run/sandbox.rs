//! The sandbox of a case: a folder to save into, several folders deep, with a home and a place for temporary files
//! beside it, and traps where a scenario is about them. It goes away with its value, whatever became of the case.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::owner;
use crate::client::transport::guard_folder;
use crate::client::witness::Tree;

/// What the name of every sandbox begins with.
pub(crate) const SANDBOX: &str = "crewpass-contract-";

/// The folder in which a client works, from the root: deep enough that a name with a few `..` stays inside.
const WORK: &str = "a/b/c/work";

/// The sandbox of a case.
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Root>);

#[derive(Debug)]
struct Root {
    path: PathBuf,
    /// The number of cases before this one.
    cases: u64,
}

impl Drop for Root {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes a sandbox. A folder that a client shut could not be emptied; its owner may open it.
pub(super) fn remove(root: &Path) {
    flatten(root);
    if fs::remove_dir_all(root).is_ok() {
        return;
    }
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        // What can't be opened stays, which the removal meets, too.
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let inner = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folders.extend(inner.map(|entry| entry.path()));
    }
    // What still can't be removed is not ours.
    let _ = fs::remove_dir_all(root);
}

/// Folders are removed by recursion, so paths below a sandbox are at most this many bytes long when that begins.
const DEEPEST: usize = 200;

/// Moves folders that are very deep to the top. A client can nest them until the stack of a removal overflows.
fn flatten(root: &Path) {
    let (mut folders, mut moved) = (vec![root.to_owned()], 0_u64);
    while let Some(mut folder) = folders.pop() {
        if folder.as_os_str().len() > root.as_os_str().len() + DEEPEST {
            moved += 1;
            let top = root.join(format!("deep-{moved}"));
            // What can't be moved is met again by the removal.
            if fs::rename(&folder, &top).is_err() {
                continue;
            }
            folder = top;
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let inner = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folders.extend(inner.map(|entry| entry.path()));
    }
}

impl Sandbox {
    /// Creates a sandbox within a folder.
    pub fn new(within: &Path) -> io::Result<Self> {
        let prefix = format!("{SANDBOX}{}", owner::mark());
        let path = tempfile::Builder::new().prefix(&prefix).tempdir_in(within)?.keep();
        guard_folder(&path);
        let sandbox = Self(Arc::new(Root { path, cases: 0 }));
        for folder in [sandbox.out(), sandbox.home(), sandbox.temporary()] {
            fs::create_dir_all(folder)?;
        }
        Ok(sandbox)
    }

    /// Prepares the sandbox for another case, under another name, with an empty folder to save into. An error if it
    /// still has another owner, or if anything but plain files is in that folder.
    pub(super) fn renewed(self) -> io::Result<Self> {
        let mut root = Arc::into_inner(self.0).ok_or(io::ErrorKind::ResourceBusy)?;
        root.cases += 1;
        let name = root.path.file_name().unwrap_or_default().to_string_lossy();
        let first = name.split('.').next().unwrap_or_default();
        let path = root.path.with_file_name(format!("{first}.{}", root.cases));
        fs::rename(&root.path, &path)?;
        root.path = path;
        let sandbox = Self(Arc::new(root));
        for entry in fs::read_dir(sandbox.out())? {
            // A folder is none of those that this removes.
            fs::remove_file(entry?.path())?;
        }
        Ok(sandbox)
    }

    /// Returns the root, from which the sandbox is scanned.
    pub fn root(&self) -> &Path {
        &self.0.path
    }

    fn work(&self) -> PathBuf {
        self.root().join(WORK)
    }

    /// Returns the folder that the client gets as `OUT_DIR`.
    pub fn out(&self) -> PathBuf {
        self.work().join("out")
    }

    /// Returns the folder to save into, as a path from the root.
    pub fn out_from_root() -> PathBuf {
        Path::new(WORK).join("out")
    }

    /// Returns `HOME` as a path from the root.
    pub(super) fn home_from_root() -> PathBuf {
        Path::new(WORK).join("home")
    }

    /// Returns the path of `HOME`.
    pub fn home(&self) -> PathBuf {
        self.work().join("home")
    }

    /// Returns the path of `TMPDIR`.
    pub fn temporary(&self) -> PathBuf {
        self.work().join("tmp")
    }

    /// Returns the file that a hostile server names; it exists after [`Sandbox::plant_canary`].
    pub fn canary(&self) -> PathBuf {
        self.work().join("canary.txt")
    }

    /// Returns the path of the certificate that the client must trust.
    pub fn authority(&self) -> PathBuf {
        self.work().join("ca.pem")
    }

    /// Empties the folder to save into, by making a new one.
    pub fn renew_out(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.out()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(self.out())
    }

    /// Reads everything in the sandbox; only files up to this length are hashed, or up to a usual one.
    pub fn tree(&self, longest: u64) -> io::Result<Tree> {
        Tree::read(self.root(), longest)
    }
}

/// Returns the path, from the root, under which a tree has these bytes below the folder to save into.
pub(super) fn saved_as(tree: &Tree, sha256: &str) -> Option<PathBuf> {
    let out = Sandbox::out_from_root();
    let found = tree.files().find(|(path, _, hash)| *hash == sha256 && path.starts_with(&out));
    found.map(|(path, _, _)| path.clone())
}

impl Sandbox {
    /// Creates the canary. `nonce` is its content, so that a copy of it is recognized.
    pub fn plant_canary(&self, nonce: &str) -> io::Result<()> {
        fs::write(self.canary(), format!("canary {nonce}\n"))
    }

    /// Puts a symbolic link to a file outside of the folder at a path from the root.
    pub fn plant_symlink(&self, at: &Path) -> io::Result<()> {
        let target = self.work().join("target.txt");
        fs::write(&target, "what a planted link leads to\n")?;
        let place = self.cleared(at)?;
        std::os::unix::fs::symlink(target, place)
    }

    /// Puts a file with unique bytes at a path from the root.
    pub fn plant_file(&self, at: &Path) -> io::Result<()> {
        fs::write(self.cleared(at)?, "a file that was there before\n")
    }

    fn cleared(&self, at: &Path) -> io::Result<PathBuf> {
        let place = self.root().join(at);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        match fs::remove_file(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(place),
        }
    }
}
