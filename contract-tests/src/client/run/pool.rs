//! Sandboxes that go from case to case. Making and removing their folders costs a disk more than a case in this process
//! does, so that one which is left as it was found is kept, but for what was saved.
//!
//! A sandbox has another name in each case: a process that still writes into an earlier one finds no folder. Only what
//! is below `OUT_DIR` may be new, and only as plain files, which are gone before the next case begins.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::Sandbox;
use crate::client::case::Run;
use crate::client::witness::{End, Entry, Tree};

/// The sandboxes that wait for a case.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Sandbox>>);

impl Pool {
    /// Returns a kept sandbox of this folder, or a new one.
    pub(super) fn take(&self, within: &Path) -> io::Result<Sandbox> {
        let kept = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let place = all.iter().rposition(|sandbox| sandbox.root().parent() == Some(within));
            place.map(|place| all.swap_remove(place))
        };
        match kept.map(Sandbox::renewed) {
            Some(Ok(sandbox)) => Ok(sandbox),
            Some(Err(_)) | None => Sandbox::new(within),
        }
    }

    /// Keeps one, if its case left nothing that was not there before, and nobody may still be at work in it.
    pub(super) fn give(&self, sandbox: Sandbox, runs: &[Run]) {
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return };
        let over = runs.iter().all(|run| matches!(run.process.end, End::Exit(_)));
        if over && outside(&first.before).eq(outside(&last.after)) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sandbox);
        }
    }
}

/// Returns everything outside the folder to save into, and that folder itself.
fn outside(tree: &Tree) -> impl Iterator<Item = (&std::path::PathBuf, &Entry)> {
    let out = Sandbox::out_from_root();
    tree.entries.iter().filter(move |(path, _)| !path.starts_with(&out) || **path == out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_another_folder_is_left_for_who_asks_for_it() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let pool = Pool::default();
        let kept = Sandbox::new(here.path()).unwrap();
        let name = kept.root().file_name().unwrap().to_string_lossy().into_owned();
        pool.0.lock().unwrap().push(kept);
        assert_eq!(pool.take(there.path()).unwrap().root().parent(), Some(there.path()));
        assert_eq!(pool.take(here.path()).unwrap().root(), here.path().join(format!("{name}.1")));
    }
}
