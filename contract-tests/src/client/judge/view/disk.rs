//! What a run left on disk: new files by hash, and what changed outside of the folder to save into.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::case_view::CaseView;
use super::run_view::RunView;
use crate::client::case::Expected;
use crate::client::witness::{Entry, Kind};

/// A regular file that a run made or changed.
#[derive(Clone, Copy, Debug)]
pub(in crate::client::judge) struct Saved<'a> {
    /// Its path from the root of the sandbox.
    pub(in crate::client::judge) path: &'a Path,
    pub(in crate::client::judge) sha256: &'a str,
    pub(in crate::client::judge) len: u64,
    pub(in crate::client::judge) mode: u32,
    /// Its bytes, where it is small.
    pub(in crate::client::judge) bytes: Option<&'a [u8]>,
}

impl Saved<'_> {
    /// Its own name, as far as it is text.
    pub(in crate::client::judge) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl<'a> RunView<'a> {
    /// What is new or other than before, anywhere.
    pub(in crate::client::judge) fn changed(&self) -> impl Iterator<Item = (&'a Path, &'a Entry)> {
        let before = &self.run.before.entries;
        let all = self.run.after.entries.iter();
        all.filter(move |(path, entry)| before.get(*path).is_none_or(|old| old.kind != entry.kind))
            .map(|(path, entry)| (path.as_path(), entry))
    }

    /// The files that are new or other than before, anywhere.
    pub(in crate::client::judge) fn made(&self) -> impl Iterator<Item = Saved<'a>> {
        self.changed().filter_map(|(path, entry)| match &entry.kind {
            Kind::File { len, sha256, bytes } => {
                Some(Saved { path, sha256, len: *len, mode: entry.mode, bytes: bytes.as_deref() })
            }
            _ => None,
        })
    }

    /// The same below the folder to save into.
    pub(in crate::client::judge) fn saved(&self, out: &'a Path) -> impl Iterator<Item = Saved<'a>> {
        self.made().filter(move |saved| saved.path.starts_with(out))
    }

    /// What was saved under a final name and is no current document.
    pub(in crate::client::judge) fn foreign(&self, out: &'a Path) -> impl Iterator<Item = Saved<'a>> {
        let current = &self.run.current;
        self.saved(out)
            .filter(move |saved| !is_unfinished(saved.path) && current.iter().all(|one| one.sha256 != saved.sha256))
    }

    /// Whether a document's bytes are below the folder.
    pub(in crate::client::judge) fn has(&self, out: &Path, document: &Expected) -> bool {
        self.run.after.files().any(|(path, _, hash)| path.starts_with(out) && hash == document.sha256)
    }

    /// The current document of an id.
    pub(in crate::client::judge) fn current(&self, id: &str) -> Option<&'a Expected> {
        self.run.current.iter().find(|one| one.id == id)
    }
}

impl CaseView<'_> {
    /// Paths outside of the folder to save into, and of the homes that a client may keep things in, that are new,
    /// changed or gone; also in those homes, where a document was put there.
    pub(in crate::client::judge) fn strayed(&self, run_view: &RunView<'_>) -> BTreeSet<PathBuf> {
        let beside = |name: &str| self.out().parent().map(|work| work.join(name)).unwrap_or_default();
        let (home, temporary) = (beside("home"), beside("tmp"));
        let outside = |path: &Path| !path.starts_with(self.out());
        let is_document = |entry: &Entry| match &entry.kind {
            Kind::File { sha256, .. } => run_view.run.current.iter().any(|one| one.sha256 == *sha256),
            _ => false,
        };
        let changed = run_view.changed().filter(|(path, entry)| {
            outside(path) && (!(path.starts_with(&home) || path.starts_with(&temporary)) || is_document(entry))
        });
        let gone = run_view.run.before.entries.keys().filter(|path| {
            outside(path)
                && !path.starts_with(&temporary)
                && !path.starts_with(&home)
                && !run_view.run.after.entries.contains_key(*path)
        });
        changed.map(|(path, _)| path.to_path_buf()).chain(gone.cloned()).collect()
    }
}

/// Whether a name says of itself that the file is not done.
pub(in crate::client::judge) fn is_unfinished(path: &Path) -> bool {
    const ENDINGS: [&str; 6] = ["part", "partial", "tmp", "temp", "download", "crdownload"];
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}
