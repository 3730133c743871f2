//! Generated files that were asked for before, up to a bound: each is made once, not once a request. Small ones are kept
//! in memory, large ones in temporary files that have no name.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

use super::file_store::{Content, Unnamed};
use crate::http::{SendfileBytes, SendfileCache};

/// How much memory made files may take; past it they are forgotten and made anew.
const IN_MEMORY_AT_MOST: usize = 4 << 20;

/// What asks for more is large: it is not made where others wait, and not kept in memory.
pub(super) const SMALL: u64 = 1 << 20;

/// How far a file may be longer than it asked for.
const SPARE: usize = 4 << 10;

/// How many large files are kept; past it they are forgotten and made anew.
const FILES_AT_MOST: usize = 64;

/// The files, by document id.
#[derive(Default)]
pub(super) struct Made(Mutex<Held>);

/// What happens to be kept is no part of a world: two of the same are written alike.
impl fmt::Debug for Made {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Made").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Held {
    files: HashMap<Box<str>, SendfileBytes>,
    mirror: SendfileCache,
    size: usize,
    large: HashMap<Box<str>, Arc<Large>>,
}

/// A large file, once it is there. It is made behind this lock, so that two requests at once make it once.
#[derive(Debug, Default)]
struct Large(Mutex<Option<Content>>);

impl Large {
    fn held(&self) -> MutexGuard<'_, Option<Content>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    /// The small file of a document, made now if it is not at hand.
    pub(super) fn small(&self, document: &str, make: impl FnOnce() -> Vec<u8>) -> Content {
        if let Some(file) = self.held().files.get(document) {
            return Content::Memory(file.clone());
        }
        // Made outside the lock: two requests at once may both make it, and get the same bytes.
        let file = make();
        Content::Memory(self.held().keep(document, file))
    }

    /// The large file of a document, made now if it is not at hand, which takes long.
    pub(super) fn large(&self, document: &str, make: impl FnOnce() -> Vec<u8>) -> Content {
        let place = self.held().place(document);
        let mut held = place.held();
        if let Some(content) = &*held {
            return content.clone();
        }
        let bytes = make();
        match spooled(&bytes) {
            Ok(content) => held.insert(content).clone(),
            // Without room for temporary files it is served all the same, from memory and made anew each time.
            Err(_) => Content::Memory(bytes.into()),
        }
    }

    /// Whether the large file of a document is at hand.
    pub(super) fn has_large(&self, document: &str) -> bool {
        let place = self.held().large.get(document).cloned();
        // One that is locked is being made.
        place.is_some_and(|place| place.0.try_lock().is_ok_and(|held| held.is_some()))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn keep(&mut self, document: &str, file: Vec<u8>) -> SendfileBytes {
        if let Some(kept) = self.files.get(document) {
            return kept.clone();
        }
        if file.len() > usize::try_from(SMALL).unwrap_or(usize::MAX) + SPARE {
            return file.into();
        }
        if self.size + file.len() > IN_MEMORY_AT_MOST {
            self.files.clear();
            (self.mirror, self.size) = (SendfileCache::default(), 0);
        }
        self.size += file.len();
        let file = self.mirror.insert(file.into());
        self.files.insert(document.into(), file.clone());
        file
    }

    fn place(&mut self, document: &str) -> Arc<Large> {
        if !self.large.contains_key(document) && self.large.len() == FILES_AT_MOST {
            // Who sends one of them holds it open; the disk is free again when the last one is done.
            self.large.clear();
        }
        Arc::clone(self.large.entry(document.into()).or_default())
    }
}

fn spooled(bytes: &[u8]) -> io::Result<Content> {
    let mut file: File = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(Content::Unnamed { file: Unnamed(Arc::new(file)), len: bytes.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: usize = 1 << 20;

    #[test]
    fn a_small_file_is_made_once_and_what_is_held_is_bounded() {
        let made = Made::default();
        let three = Content::Memory(vec![1; 3].into());
        assert_eq!(made.small("doc_1", || vec![1; 3]), three);
        assert_eq!(made.small("doc_1", || unreachable!("it is at hand")), three);
        for number in 0..20 {
            made.small(&format!("doc_x{number}"), || vec![0; KEPT]);
            assert!(made.held().size <= IN_MEMORY_AT_MOST);
        }
        made.small("huge", || vec![0; 2 * KEPT]);
        assert!(!made.held().files.contains_key("huge"));
    }

    #[test]
    fn small_files_are_kept_to_the_last_byte_that_there_is_room_for() {
        let made = Made::default();
        let held = || {
            let held = made.held();
            (held.files.len(), held.size)
        };
        for number in 1..=4 {
            made.small(&format!("doc_{number}"), || vec![0; KEPT]);
            assert_eq!(held(), (number, number * KEPT));
        }
        made.small("doc_5", || vec![0; 1]);
        assert_eq!(held(), (1, 1), "the others made room");
        for (length, kept) in [(KEPT + SPARE, true), (KEPT + SPARE + 1, false)] {
            let name = format!("doc_of_{length}");
            made.small(&name, || vec![0; length]);
            assert_eq!(made.held().files.contains_key(&*name), kept, "{length}");
        }
    }

    #[test]
    fn the_longest_small_file_of_each_kind_is_kept() {
        use super::super::GeneratedKind::{Bytes, Jpeg, Pdf, Png};
        use super::super::generate::{Recipe, file, generate};
        let made = Made::default();
        let document = &generate(&Recipe { crew: 1, documents: 1, seed: 1, hostile: false }).crew[0].documents[0];
        for kind in [Pdf, Png, Jpeg, Bytes] {
            let name = format!("{kind:?}");
            made.small(&name, || file(1, document, kind, Some(SMALL)));
            assert!(made.held().files.contains_key(&*name), "{name}");
        }
    }

    #[test]
    fn a_large_file_is_made_once_by_however_many_at_once_and_kept_off_memory() {
        let made = Made::default();
        let times = std::sync::atomic::AtomicUsize::new(0);
        let file = || {
            assert!(!made.has_large("doc_1"), "it is being made");
            times.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            vec![7; 3 * KEPT]
        };
        let contents: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| made.large("doc_1", file))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(times.into_inner(), 1);
        assert!(made.has_large("doc_1") && !made.has_large("doc_2"));
        assert_ne!(made.large("doc_2", || vec![7; 3 * KEPT]), contents[0], "another file, though it says the same");
        for content in &contents {
            assert!(matches!(content, Content::Unnamed { len, .. } if *len == 3 << 20), "{content:?}");
            assert_eq!(content, &contents[0]);
        }
    }

    #[test]
    fn large_files_are_bounded_in_number_and_live_while_they_are_sent() {
        use std::os::unix::fs::FileExt;
        let made = Made::default();
        let first = made.large("doc_0", || b"first".to_vec());
        for number in 1..FILES_AT_MOST {
            made.large(&format!("doc_{number}"), Vec::new);
        }
        made.large("doc_1", || unreachable!("it is at hand"));
        assert!(made.has_large("doc_0"), "there was room for all of them");
        for number in 1..200 {
            made.large(&format!("doc_{number}"), Vec::new);
            assert!(made.held().large.len() <= FILES_AT_MOST);
        }
        assert!(!made.has_large("doc_0"));
        let Content::Unnamed { file, .. } = first else { unreachable!("it is large") };
        let mut bytes = [0; 5];
        file.0.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"first");
    }
}
