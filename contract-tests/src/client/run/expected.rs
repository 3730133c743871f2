//! What a client should have on disk at the end: the current documents, with their names and the hashes of their bytes.

use std::io;
use std::sync::Arc;

use crewpass_mock::{CurrentDocument, Session};
use tokio::task::spawn_blocking;

use super::HarnessError;
use crate::client::case::Expected;
use crate::client::scenario::Scenario;
use crate::client::task::Task;
use crate::client::witness::sha256_in_pieces;

/// Returns the current documents of a scenario's crew member, in the order of the list; none of a person who is not
/// there. In the task `fleet`, returns those of everybody on the fleet.
///
/// Large files are made and hashed here, for seconds on a slow machine. That is done beside the threads that serve, or
/// the clients of other cases would wait for their answers meanwhile, and rightly give up.
pub(super) async fn current(session: &Arc<Session>, scenario: &Scenario) -> Result<Vec<Expected>, HarnessError> {
    let session = Arc::clone(session);
    let people = match scenario.task {
        Task::Documents => vec![scenario.crew_id.clone()],
        Task::Fleet => session.people_on_fleet(&scenario.key),
    };
    let read = move || {
        let of_each = people.iter().map(|crew_id| hashed(&session, crew_id));
        Ok(of_each.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
    };
    let found = spawn_blocking(read).await?;
    found.map_err(HarnessError::while_doing("reading the documents of the world"))
}

/// Returns the current documents of one person.
pub(crate) async fn documents_of(session: &Arc<Session>, crew_id: &str) -> Result<Vec<Expected>, HarnessError> {
    let (session, crew_id) = (Arc::clone(session), crew_id.to_owned());
    let found = spawn_blocking(move || hashed(&session, &crew_id)).await?;
    found.map_err(HarnessError::while_doing("reading the documents of the world"))
}

fn hashed(session: &Session, crew_id: &str) -> io::Result<Vec<Expected>> {
    let documents = session.current_documents(crew_id)?;
    // Hashing is done without the session's lock.
    documents
        .into_iter()
        .map(|document| {
            let sha256 = digest(&document)?;
            let len = document.len();
            let crew_id = crew_id.to_owned();
            Ok(Expected { crew_id, id: document.id, file_name: document.file_name, sha256, len })
        })
        .collect()
}

/// Hashes a file, of which only a piece at a time is in memory.
fn digest(document: &CurrentDocument) -> io::Result<String> {
    sha256_in_pieces(|take| document.each_piece(take))
}
