//! The effects of a run on the disk: new files by hash, and changes outside of the folder to save
//! into.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::case_view::CaseView;
use super::run_view::RunView;
use crate::client::case::Expected;
use crate::client::witness::{Entry, Kind};

/// A regular file that a run created or changed.
#[derive(Clone, Copy, Debug)]
pub(in crate::client::judge) struct Saved<'a> {
    /// Its path from the root of the sandbox.
    pub(in crate::client::judge) path: &'a Path,
    pub(in crate::client::judge) sha256: &'a str,
    pub(in crate::client::judge) len: u64,
    pub(in crate::client::judge) mode: u32,
    /// Its bytes, if it is small.
    pub(in crate::client::judge) bytes: Option<&'a [u8]>,
}

impl Saved<'_> {
    /// Returns its file name, with non-UTF-8 bytes replaced.
    pub(in crate::client::judge) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl<'a> RunView<'a> {
    /// Returns the entries anywhere in the sandbox that are new or changed.
    pub(in crate::client::judge) fn changed_entries(&self) -> impl Iterator<Item = (&'a Path, &'a Entry)> {
        let before = &self.run.before.entries;
        let all = self.run.after.entries.iter();
        all.filter(move |(path, entry)| before.get(*path).is_none_or(|old| old.kind != entry.kind))
            .map(|(path, entry)| (path.as_path(), entry))
    }

    /// Returns the regular files anywhere in the sandbox that are new or changed.
    pub(in crate::client::judge) fn written_files(&self) -> impl Iterator<Item = Saved<'a>> {
        self.changed_entries().filter_map(|(path, entry)| match &entry.kind {
            Kind::File { len, sha256, bytes } => {
                Some(Saved { path, sha256, len: *len, mode: entry.mode, bytes: bytes.as_deref() })
            }
            _ => None,
        })
    }

    /// Returns the new or changed regular files below the folder to save into.
    pub(in crate::client::judge) fn saved_files(&self, out: &'a Path) -> impl Iterator<Item = Saved<'a>> {
        self.written_files().filter(move |saved| saved.path.starts_with(out))
    }

    /// Returns the files with a final name that are not a current document.
    pub(in crate::client::judge) fn non_documents<'r>(
        &'r self,
        out: &'a Path,
    ) -> impl Iterator<Item = Saved<'a>> + use<'r, 'a> {
        let current = &self.run.current;
        self.saved_files(out).filter(move |saved| {
            !self.is_unfinished(saved.path) && current.iter().all(|one| one.sha256 != saved.sha256)
        })
    }

    /// Returns true if a document's bytes are below the folder.
    pub(in crate::client::judge) fn has_document(&self, out: &Path, document: &Expected) -> bool {
        self.run.saved_under(out).any(|(_, hash)| hash == document.sha256)
    }

    /// Returns the current document with this id.
    pub(in crate::client::judge) fn current_document(&self, id: &str) -> Option<&'a Expected> {
        self.run.current.iter().find(|one| one.id == id)
    }
}

impl CaseView<'_> {
    /// Returns the paths outside of the folder to save into that are new, changed or gone. Changes
    /// in the client's home and temporary folder count only if a document was put there.
    pub(in crate::client::judge) fn changes_outside(&self, run_view: &RunView<'_>) -> BTreeSet<PathBuf> {
        let beside = |name: &str| self.out_dir().parent().map(|work| work.join(name)).unwrap_or_default();
        let (home, temporary) = (beside("home"), beside("tmp"));
        let outside = |path: &Path| !path.starts_with(self.out_dir());
        let is_document = |entry: &Entry| match &entry.kind {
            Kind::File { sha256, .. } => run_view.run.current.iter().any(|one| one.sha256 == *sha256),
            _ => false,
        };
        let changed = run_view.changed_entries().filter(|(path, entry)| {
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
