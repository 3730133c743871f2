//! What a client should have on disk at the end: the current documents, with their names and the hashes of their bytes.

use std::io;

use crewpass_mock::session::Session;
use crewpass_mock::world::Content;

use crate::case::Expected;
use crate::witness::sha256_of;

/// The current documents of a crew member, in the order of the list; none of a person who is not there.
pub(super) fn current(session: &Session, crew_id: &str) -> io::Result<Vec<Expected>> {
    let found: Vec<_> = {
        let live = session.live();
        let Some(position) = live.position(crew_id) else { return Ok(Vec::new()) };
        let documents = live.current_documents(position).into_iter();
        documents
            .map(|document| {
                let name = document.file.name.as_deref().map(str::to_owned);
                live.content(document).map(|content| (document.id.to_string(), name, content))
            })
            .collect::<io::Result<_>>()?
    };
    // Hashing is done without the session's lock.
    found
        .into_iter()
        .map(|(id, file_name, content)| {
            let (sha256, len) = digest(&content)?;
            Ok(Expected { id, file_name, sha256, len })
        })
        .collect()
}

fn digest(content: &Content) -> io::Result<(String, u64)> {
    let mut bytes = Vec::new();
    content.each(|piece| bytes.extend_from_slice(piece))?;
    Ok((sha256_of(&bytes), bytes.len() as u64))
}
