//! A world on disk that is loaded again when its files change.
//!
//! The folders of the files are watched and not the files, since an editor that writes by rename puts another file in
//! their place. What is told of a folder only wakes: what counts is whether the files say something else than when they
//! were read last. Nothing is read before the folders were quiet for a moment, so that a file that is being written is
//! seldom met half way; where it is, it is wrong now and right with the next event.

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

/// For how long nothing has to happen before the files are read.
const QUIET: Duration = Duration::from_millis(50);

/// After which time they are read in any case.
const RESTLESS: Duration = Duration::from_secs(1);

/// The system can't watch.
#[derive(Debug, thiserror::Error)]
#[error("can't watch {}: {source}", path.display())]
pub struct WatchError {
    /// The world.
    pub path: PathBuf,
    /// What the system said.
    pub source: notify::Error,
}

/// A world on disk that is watched.
#[derive(Debug)]
#[must_use = "nothing is noticed unless `changed` is awaited"]
pub struct Watch {
    path: PathBuf,
    seen: Seen,
    told: Option<String>,
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    woken: Arc<Notify>,
}

impl Watch {
    /// Watches the world at a path, which was read from the files `seen`.
    ///
    /// # Errors
    /// A system that can't watch a folder.
    pub fn begin(path: &Path, seen: Seen) -> Result<Self, WatchError> {
        let failed = |source| WatchError { path: path.to_owned(), source };
        let woken = Arc::new(Notify::new());
        let wake = Arc::clone(&woken);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Where events were lost, something may have changed.
            if event.as_ref().map_or(true, |event| may_change(event.kind)) {
                wake.notify_one();
            }
        });
        let mut watch = Self {
            path: path.to_owned(),
            seen,
            told: None,
            watcher: watcher.map_err(failed)?,
            folders: BTreeSet::new(),
            woken,
        };
        watch.look().map_err(failed)?;
        // It may have changed since it was read.
        watch.woken.notify_one();
        Ok(watch)
    }

    /// The next world that its files give, or what is newly wrong with them.
    ///
    /// # Errors
    /// What can't be read or understood, and everything that the checks find; the same is not told twice in a row.
    pub async fn changed(&mut self) -> Result<World, WorldError> {
        loop {
            self.woken.notified().await;
            self.quiet().await;
            // A folder that was taken away and put back is another folder.
            let _ = self.look();
            let (path, before, wrong) = (self.path.clone(), self.seen.clone(), self.told.is_some());
            let Ok(Some((read, seen))) = spawn_blocking(move || load(&path, &before, wrong)).await else { continue };
            // Where something is wrong, a file that is missing now may come back where it was.
            self.seen = if read.is_ok() { seen } else { std::mem::take(&mut self.seen).with(seen) };
            let before = self.folders.clone();
            let _ = self.look();
            if self.folders != before {
                // Nobody looked there while it was read.
                self.woken.notify_one();
            }
            let told = read.as_ref().err().map(ToString::to_string);
            if told.is_none() || told != self.told {
                self.told = told;
                return read;
            }
        }
    }

    async fn quiet(&self) {
        let latest = Instant::now() + RESTLESS;
        while timeout(QUIET, self.woken.notified()).await.is_ok() && Instant::now() < latest {}
    }

    /// Watches the folders as they are now; of one that is not there, the nearest one above it.
    fn look(&mut self) -> notify::Result<()> {
        let wanted: BTreeSet<PathBuf> = self.seen.folders().map(|folder| there(&folder)).collect();
        for folder in self.folders.difference(&wanted) {
            // It fails only where the folder has gone, and the watch with it.
            let _ = self.watcher.unwatch(folder);
        }
        self.folders = wanted;
        self.folders.iter().try_for_each(|folder| self.watcher.watch(folder, RecursiveMode::NonRecursive))
    }
}

/// Reads a world, if its files changed or it was wrong before; gives which files it was read from.
fn load(path: &Path, before: &Seen, wrong: bool) -> Option<(Result<World, WorldError>, Seen)> {
    if !wrong && before.holds() {
        return None;
    }
    let mut seen = Seen::default();
    let read = World::open_seen(path, &mut seen);
    Some((read, seen))
}

fn there(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors().filter(|folder| folder.is_dir());
    above.next().unwrap_or(Path::new(".")).to_owned()
}

/// Reading a file is an event, too, and must not lead to reading it.
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
    fn reading_is_no_change() {
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
