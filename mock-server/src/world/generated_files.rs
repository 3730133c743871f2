//! A bounded cache of generated files, so that each is generated once. Small ones are held in memory, large ones in
//! temporary files without a name.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

use super::file_store::{Content, Unnamed};
use crate::http::{SendfileBytes, SendfileCache};

/// The largest size of the cache in memory; beyond it the cache is cleared.
const MAX_MEMORY: usize = 4 << 20;

/// The largest requested size of a small file. A large one is not generated while others wait, nor held in memory.
pub(super) const SMALL: u64 = 1 << 20;

/// The largest number of bytes by which a file exceeds its requested size.
const SPARE: usize = 4 << 10;

/// The largest number of cached large files; beyond it they are dropped.
const MAX_LARGE_FILES: usize = 64;

/// The cached files, by document id.
#[derive(Default)]
pub(super) struct GeneratedFiles(Mutex<Cache>);

/// The cache is not part of a world: two equal worlds have the same Debug output.
impl fmt::Debug for GeneratedFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GeneratedFiles").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Cache {
    files: HashMap<Box<str>, SendfileBytes>,
    sendfile: SendfileCache,
    size: usize,
    large: HashMap<Box<str>, Arc<LargeFile>>,
}

/// A large file. It is generated behind this lock, so that concurrent requests generate it once.
#[derive(Debug, Default)]
struct LargeFile(Mutex<Option<Content>>);

impl LargeFile {
    fn lock(&self) -> MutexGuard<'_, Option<Content>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GeneratedFiles {
    /// Returns the small file of a document, generated now if it is not cached.
    pub(super) fn small(&self, document: &str, make: impl FnOnce() -> Vec<u8>) -> Content {
        if let Some(file) = self.lock().files.get(document) {
            return Content::Memory(file.clone());
        }
        // Generated outside the lock: concurrent requests may both generate it, and get the same bytes.
        let file = make();
        Content::Memory(self.lock().keep(document, file))
    }

    /// Returns the large file of a document, generated now if it is not cached, which may take seconds.
    pub(super) fn large(&self, document: &str, make: impl FnOnce() -> Vec<u8>) -> Content {
        let place = self.lock().place(document);
        let mut held = place.lock();
        if let Some(content) = &*held {
            return content.clone();
        }
        let bytes = make();
        match write_temporary(&bytes) {
            Ok(content) => held.insert(content).clone(),
            // If there is no space for temporary files, the file is served from memory and not cached.
            Err(_) => Content::Memory(bytes.into()),
        }
    }

    /// Returns true if the large file of a document is cached.
    pub(super) fn has_large(&self, document: &str) -> bool {
        let place = self.lock().large.get(document).cloned();
        // A locked one is being generated.
        place.is_some_and(|place| place.0.try_lock().is_ok_and(|held| held.is_some()))
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    fn keep(&mut self, document: &str, file: Vec<u8>) -> SendfileBytes {
        if let Some(kept) = self.files.get(document) {
            return kept.clone();
        }
        if file.len() > usize::try_from(SMALL).unwrap_or(usize::MAX) + SPARE {
            return file.into();
        }
        if self.size + file.len() > MAX_MEMORY {
            self.files.clear();
            (self.sendfile, self.size) = (SendfileCache::default(), 0);
        }
        self.size += file.len();
        let file = self.sendfile.insert(file.into());
        self.files.insert(document.into(), file.clone());
        file
    }

    fn place(&mut self, document: &str) -> Arc<LargeFile> {
        if !self.large.contains_key(document) && self.large.len() == MAX_LARGE_FILES {
            // A response holds its file open; the disk space is freed when the last one ends.
            self.large.clear();
        }
        Arc::clone(self.large.entry(document.into()).or_default())
    }
}

fn write_temporary(bytes: &[u8]) -> io::Result<Content> {
    let mut file: File = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(Content::Unnamed { file: Unnamed(Arc::new(file)), len: bytes.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: usize = 1 << 20;

    #[test]
    fn a_small_file_is_generated_once_and_the_cache_is_bounded() {
        let made = GeneratedFiles::default();
        let three = Content::Memory(vec![1; 3].into());
        assert_eq!(made.small("doc_1", || vec![1; 3]), three);
        assert_eq!(made.small("doc_1", || unreachable!("it is cached")), three);
        for number in 0..20 {
            made.small(&format!("doc_x{number}"), || vec![0; KEPT]);
            assert!(made.lock().size <= MAX_MEMORY);
        }
        made.small("huge", || vec![0; 2 * KEPT]);
        assert!(!made.lock().files.contains_key("huge"));
    }

    #[test]
    fn small_files_are_cached_up_to_the_bound() {
        let made = GeneratedFiles::default();
        let held = || {
            let held = made.lock();
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
            assert_eq!(made.lock().files.contains_key(&*name), kept, "{length}");
        }
    }

    #[test]
    fn the_longest_small_file_of_each_kind_is_cached() {
        use super::super::GeneratedKind::{Bytes, Jpeg, Json, Pdf, Png, Text};
        use super::super::generate::{Recipe, file, generate};
        let made = GeneratedFiles::default();
        let document = &generate(&Recipe { crew: 1, documents: 1, seed: 1, hostile: false }).crew[0].documents[0];
        for kind in [Pdf, Png, Jpeg, Bytes, Text, Json] {
            let name = format!("{kind:?}");
            made.small(&name, || file(1, document, kind, Some(SMALL)));
            assert!(made.lock().files.contains_key(&*name), "{name}");
        }
    }

    #[test]
    fn concurrent_requests_generate_a_large_file_once_and_not_in_memory() {
        let made = GeneratedFiles::default();
        let times = std::sync::atomic::AtomicUsize::new(0);
        let file = || {
            assert!(!made.has_large("doc_1"), "it is being generated");
            times.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            vec![7; 3 * KEPT]
        };
        let contents: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| made.large("doc_1", file))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(times.into_inner(), 1);
        assert!(made.has_large("doc_1") && !made.has_large("doc_2"));
        assert_ne!(made.large("doc_2", || vec![7; 3 * KEPT]), contents[0], "another file with the same content");
        for content in &contents {
            assert!(matches!(content, Content::Unnamed { len, .. } if *len == 3 << 20), "{content:?}");
            assert_eq!(content, &contents[0]);
        }
    }

    #[test]
    fn large_files_are_bounded_in_number_and_live_while_they_are_sent() {
        use crate::positioned::PositionedFile;
        let made = GeneratedFiles::default();
        let first = made.large("doc_0", || b"first".to_vec());
        for number in 1..MAX_LARGE_FILES {
            made.large(&format!("doc_{number}"), Vec::new);
        }
        made.large("doc_1", || unreachable!("it is cached"));
        assert!(made.has_large("doc_0"), "there was room for all of them");
        for number in 1..200 {
            made.large(&format!("doc_{number}"), Vec::new);
            assert!(made.lock().large.len() <= MAX_LARGE_FILES);
        }
        assert!(!made.has_large("doc_0"));
        let Content::Unnamed { file, .. } = first else { unreachable!("it is large") };
        let mut bytes = [0; 5];
        file.0.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"first");
    }
}
