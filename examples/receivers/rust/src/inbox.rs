//! Events that wait for their work, one file each, and those that are done.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(30);

/// The events by the name of their file, each with the time of its next attempt and the attempts so far.
type Due = HashMap<String, (Instant, u32)>;

pub struct Inbox {
    waiting: PathBuf,
    done: PathBuf,
    due: Mutex<Due>,
    changed: Notify,
}

impl Inbox {
    /// Opens a folder, and takes up the events that waited when the program ended.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let (waiting, done) = (folder.join("waiting"), folder.join("done"));
        fs::create_dir_all(&waiting)?;
        fs::create_dir_all(&done)?;
        let mut due = Due::new();
        for entry in fs::read_dir(&waiting)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".part") {
                // Its delivery was not answered, so it comes again.
                fs::remove_file(path)?;
            } else {
                due.insert(name, (Instant::now(), 0));
            }
        }
        Ok(Self { waiting, done, due: Mutex::new(due), changed: Notify::new() })
    }

    /// Keeps an event; the same one only once.
    pub fn add(&self, event_id: &str, person: &str) -> io::Result<()> {
        let digest = Sha256::digest(event_id.as_bytes());
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut due = self.due();
        if due.contains_key(&name) || self.done.join(&name).exists() {
            return Ok(());
        }
        let part = self.waiting.join(format!("{name}.part"));
        let mut file = File::create(&part)?;
        file.write_all(person.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, self.waiting.join(&name))?;
        due.insert(name, (Instant::now(), 0));
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for an event whose time has come. Returns its name and the attempts so far.
    pub async fn next(&self) -> (String, u32) {
        loop {
            let changed = self.changed.notified();
            let first = self.due().iter().min_by_key(|(_, (at, _))| *at).map(|(name, due)| (name.clone(), *due));
            match first {
                Some((name, (at, attempts))) if at <= Instant::now() => return (name, attempts),
                Some((_, (at, _))) => {
                    tokio::select! {
                        () = sleep_until(at) => {}
                        () = changed => {}
                    }
                }
                None => changed.await,
            }
        }
    }

    /// Returns the person that an event is about.
    pub fn person(&self, name: &str) -> io::Result<String> {
        fs::read_to_string(self.waiting.join(name))
    }

    /// Records that an event is done, or when it is tried again.
    pub fn settle(&self, name: &str, is_done: bool, attempts: u32) {
        let mut due = self.due();
        if is_done && fs::rename(self.waiting.join(name), self.done.join(name)).is_ok() {
            due.remove(name);
            return;
        }
        let wait = Duration::from_millis(500).saturating_mul(2u32.saturating_pow(attempts - 1)).min(LONGEST);
        due.insert(name.to_owned(), (Instant::now() + wait, attempts));
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
