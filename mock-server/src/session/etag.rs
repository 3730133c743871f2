//! The entity tags of files: strong, since two files of a session with one tag have the same bytes.

use std::fs::File;
use std::time::UNIX_EPOCH;

use crewpass_diagnostics::to_hex;
use http::HeaderValue;
use sha2::{Digest, Sha256};

use super::state::SessionState;
use crate::world::{Content, Document};

impl SessionState {
    /// Returns the entity tag of a file of a document. It is computed once for each version: files that are in
    /// memory are read for it.
    pub(crate) fn etag(&mut self, crew: u32, document: usize, content: &Content) -> HeaderValue {
        let document = &self.crew(crew).documents[document];
        if let Some(known) = self.etags.get(&document.id) {
            return known.clone();
        }
        let (id, tag) =
            (document.id.clone(), compute(self.seed, document, content, self.uploads.contains_key(&document.id)));
        self.etags.insert(id, tag.clone());
        tag
    }
}

/// Returns the time of change of an open file in nanoseconds of Unix time.
fn changed(file: &File) -> u128 {
    let changed = file.metadata().and_then(|about| about.modified()).ok();
    changed.and_then(|changed| changed.duration_since(UNIX_EPOCH).ok()).unwrap_or_default().as_nanos()
}

fn compute(seed: u64, document: &Document, content: &Content, is_upload: bool) -> HeaderValue {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update(u64::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
        digest.update(bytes);
    };
    add(document.id.as_bytes());
    add(&content.len().to_be_bytes());
    match content {
        Content::Memory(bytes) => add(bytes),
        Content::Disk(file) => file.stamp().nanoseconds().iter().for_each(|time| add(&time.to_be_bytes())),
        Content::Unnamed { file, .. } if is_upload => add(&changed(&file.0).to_be_bytes()),
        // A generated file depends on its document and the seed alone.
        Content::Unnamed { .. } => {
            add(&seed.to_be_bytes());
            add(&serde_json::to_vec(document).unwrap_or_default());
        }
    }
    HeaderValue::try_from(format!("\"{}\"", to_hex(&digest.finalize()[..12])))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    #[test]
    fn a_tag_depends_on_the_document_and_on_the_bytes() {
        let world = World::starter();
        let documents = &world.crew[0].documents;
        let tag =
            |document: &Document, bytes: &'static [u8]| compute(1, document, &Content::Memory(bytes.into()), false);
        assert_eq!(tag(&documents[0], b"one"), tag(&documents[0], b"one"));
        assert_ne!(tag(&documents[0], b"one"), tag(&documents[0], b"two"));
        assert_ne!(tag(&documents[0], b"one"), tag(&documents[1], b"one"));
    }
}
