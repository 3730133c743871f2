//! Generated files that were asked for before, up to a bound: a small file is made once, not once a request.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hashbrown::HashMap;

/// How much memory made files may take; past it they are forgotten and made anew.
const AT_MOST: usize = 4 << 20;

/// What is larger is never kept.
const LARGEST_KEPT: usize = 1 << 20;

/// The files, by document id.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    files: HashMap<Box<str>, Bytes>,
    size: usize,
}

impl Made {
    /// The file of a document, made now if it is not at hand.
    pub(super) fn get(&self, document: &str, make: impl FnOnce() -> Vec<u8>) -> Bytes {
        if let Some(file) = self.held().files.get(document) {
            return file.clone();
        }
        // Made outside the lock: two requests at once may both make it, and get the same bytes.
        let file = Bytes::from(make());
        if file.len() <= LARGEST_KEPT {
            self.held().keep(document, &file);
        }
        file
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn keep(&mut self, document: &str, file: &Bytes) {
        if self.size + file.len() > AT_MOST {
            self.files.clear();
            self.size = 0;
        }
        if self.files.insert(document.into(), file.clone()).is_none() {
            self.size += file.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_once_and_what_is_held_is_bounded() {
        let made = Made::default();
        assert_eq!(made.get("doc_1", || vec![1; 3]), vec![1; 3]);
        assert_eq!(made.get("doc_1", || unreachable!("it is at hand")), vec![1; 3]);
        for number in 0..20 {
            made.get(&format!("doc_x{number}"), || vec![0; LARGEST_KEPT]);
            assert!(made.held().size <= AT_MOST);
        }
        made.get("huge", || vec![0; LARGEST_KEPT + 1]);
        assert!(!made.held().files.contains_key("huge"));
    }
}
