//! A world on disk that is reloaded when its files change.
//!
//! The folders are watched, not the files: an editor that saves by rename puts another file in
//! place. Events only wake the watcher; it then compares the files with what was read last. It
//! waits until the folders are quiet for a moment, so that it seldom reads a half-written file. If
//! it does, that load fails and the next event repairs it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use crate::world::{Seen, World, WorldError};

/// The time without events before the files are read.
const QUIET_PERIOD: Duration = Duration::from_millis(50);

/// The time after which the files are read in any case.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// The error if the system can't watch.
#[derive(Debug, thiserror::Error)]
#[error("can't watch {}: {source}", path.display())]
pub struct WatchError {
    /// The path of the world.
    pub path: PathBuf,
    /// The system's error.
    pub source: notify::Error,
}

/// A watched world on disk.
#[derive(Debug)]
#[must_use = "nothing is noticed unless `changed` is awaited"]
pub struct Watch {
    path: PathBuf,
    root: Option<PathBuf>,
    seen: Seen,
    last_error: Option<String>,
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    wake: Arc<Notify>,
}

impl Watch {
    /// Watches the world at a path that was read from the files `seen`, and extends worlds of the folder `root`.
    ///
    /// # Errors
    /// The system can't watch a folder.
    pub fn start(path: &Path, root: Option<&Path>, seen: Seen) -> Result<Self, WatchError> {
        let watch_error = |source| WatchError { path: path.to_owned(), source };
        let wake = Arc::new(Notify::new());
        let notify = Arc::clone(&wake);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Events were lost, so something may have changed.
            if event.as_ref().map_or(true, |event| may_change(event.kind)) {
                notify.notify_one();
            }
        });
        let mut watch = Self {
            path: path.to_owned(),
            root: root.map(Path::to_owned),
            seen,
            last_error: None,
            watcher: watcher.map_err(watch_error)?,
            folders: BTreeSet::new(),
            wake,
        };
        watch.update_watches().map_err(watch_error)?;
        // The files may have changed since they were read.
        watch.wake.notify_one();
        Ok(watch)
    }

    /// Waits until the files change, and returns the world that they hold then.
    ///
    /// # Errors
    /// The world can't be read or is invalid. The same error is not returned twice in a row.
    pub async fn changed(&mut self) -> Result<World, WorldError> {
        loop {
            self.wake.notified().await;
            self.wait_for_quiet().await;
            // A folder that was removed and created again needs a new watch.
            let _ = self.update_watches();
            let (path, root) = (self.path.clone(), self.root.clone());
            let (before, had_error) = (self.seen.clone(), self.last_error.is_some());
            let load = move || load(&path, root.as_deref(), &before, had_error);
            let Ok(Some((read, seen))) = spawn_blocking(load).await else {
                continue;
            };
            // While the world is broken, files that are missing now may come back, so both sets
            // stay watched.
            self.seen = if read.is_ok() { seen } else { std::mem::take(&mut self.seen).with(seen) };
            let before = self.folders.clone();
            let _ = self.update_watches();
            if self.folders != before {
                // The new folders were not watched during the load.
                self.wake.notify_one();
            }
            let error = read.as_ref().err().map(ToString::to_string);
            if error.is_none() || error != self.last_error {
                self.last_error = error;
                return read;
            }
        }
    }

    async fn wait_for_quiet(&self) {
        let latest = Instant::now() + MAX_DELAY;
        while timeout(QUIET_PERIOD, self.wake.notified()).await.is_ok() && Instant::now() < latest {}
    }

    /// Watches the folders of the world that exist; for a missing one, the nearest existing parent.
    fn update_watches(&mut self) -> notify::Result<()> {
        let wanted: BTreeSet<PathBuf> = self.seen.folders().map(|folder| nearest_existing(&folder)).collect();
        for folder in self.folders.difference(&wanted) {
            // It fails only if the folder is gone, and its watch with it.
            let _ = self.watcher.unwatch(folder);
        }
        self.folders = wanted;
        self.folders.iter().try_for_each(|folder| self.watcher.watch(folder, RecursiveMode::NonRecursive))
    }
}

/// Reloads a world if its files changed or the last load failed. Returns the files that were read,
/// too.
fn load(path: &Path, root: Option<&Path>, before: &Seen, had_error: bool) -> Option<(Result<World, WorldError>, Seen)> {
    if !had_error && before.holds() {
        return None;
    }
    let mut seen = Seen::default();
    let read = World::open_seen(path, root, &mut seen);
    Some((read, seen))
}

fn nearest_existing(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors().filter(|folder| folder.is_dir());
    above.next().unwrap_or(Path::new(".")).to_owned()
}

/// Returns true if the event may mean a change. Reading a file is an event too, and must not cause
/// a reload.
const fn may_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => matches!(access, AccessKind::Close(AccessMode::Write)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind, RemoveKind};

    use super::*;

    #[test]
    fn reading_is_not_a_change() {
        for access in [AccessKind::Open(AccessMode::Any), AccessKind::Read, AccessKind::Close(AccessMode::Read)] {
            assert!(!may_change(EventKind::Access(access)), "{access:?}");
        }
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let (made, moved) = (EventKind::Create(CreateKind::File), EventKind::Modify(ModifyKind::Any));
        for kind in [written, made, moved, EventKind::Remove(RemoveKind::Any), EventKind::Any] {
            assert!(may_change(kind), "{kind:?}");
        }
    }
}
