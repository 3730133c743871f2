//! The files of a session's documents: uploads, and those of its world.

use super::state::SessionState;
use crate::world::{Content, Document};

impl SessionState {
    /// Returns true if the file of a document has to be generated first, which must not be done
    /// under a lock.
    pub(crate) fn must_generate(&self, document: &Document) -> bool {
        !self.uploads.contains_key(&document.id) && self.world().has_to_generate(document)
    }

    /// Returns false if the file of a document was on the disk and is gone or changed.
    pub(crate) fn has_file(&self, crew: u32, document: usize) -> bool {
        let document = &self.crew(crew).documents[document];
        let content = match self.uploads.get(&document.id) {
            Some(upload) => Some(&upload.content),
            None => self.spec.world.file_read(document),
        };
        !matches!(content, Some(Content::Disk(file)) if !file.is_unchanged())
    }

    /// Returns the file of a document.
    pub fn content(&self, document: &Document) -> std::io::Result<Content> {
        match self.uploads.get(&document.id) {
            Some(upload) => Ok(upload.content.clone()),
            None => self.spec.world.content(document),
        }
    }
}
