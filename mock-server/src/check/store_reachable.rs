//! While the file store is unreachable there is a 503, never a storage URL (G). Policy `store_down_at` says where.

use super::established::{Document, LinkedDocument, LinkedFile};
use super::refusal::store_unavailable;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::policy::StoreDownAt;
use crate::session::StoreStep;
use crate::world::DocumentStore;

/// The check of the store before a link is given.
pub(super) struct LinkStoreReachable;

impl Check<'_> for LinkStoreReachable {
    type Input = Document;
    type Output = Document;
    const CLAUSE: &'static Clause = clause::STORE_REACHABLE;

    fn check(request: &mut Request<'_, '_>, document: Document) -> Result<Document, Refusal> {
        reach(request, StoreStep::Link, document.crew.position, document.position)?;
        Ok(document)
    }

    fn advice(situation: &Situation<'_>, Document { crew, position }: Document, _: &Refusal) -> Advice {
        situation.store(StoreStep::Link, crew.position, position)
    }
}

/// The check of the store before a file is sent.
pub(super) struct FileStoreReachable;

impl<'a> Check<'a> for FileStoreReachable {
    type Input = LinkedDocument<'a>;
    type Output = LinkedDocument<'a>;
    const CLAUSE: &'static Clause = clause::STORE_REACHABLE;

    fn check(request: &mut Request<'_, '_>, link: LinkedDocument<'a>) -> Result<LinkedDocument<'a>, Refusal> {
        reach(request, StoreStep::File, link.crew.position, link.position)?;
        Ok(link)
    }

    fn advice(situation: &Situation<'_>, link: LinkedDocument<'a>, _: &Refusal) -> Advice {
        situation.store(StoreStep::File, link.crew.position, link.position)
    }
}

/// The check of the file itself: one that was there when the world was loaded may be gone now.
pub(super) struct FileThere;

impl<'a> Check<'a> for FileThere {
    type Input = LinkedDocument<'a>;
    type Output = LinkedFile<'a>;
    const CLAUSE: &'static Clause = clause::STORE_REACHABLE;

    fn is_asked(_: &Request<'_, '_>) -> bool {
        // The store was asked before; a second line would say the same.
        false
    }

    fn check(request: &mut Request<'_, '_>, document: LinkedDocument<'a>) -> Result<LinkedFile<'a>, Refusal> {
        if document.crew.claims.hops > 0 {
            return Ok(LinkedFile { document, content: None });
        }
        let state = &*request.state;
        let content = state.content(&state.crew(document.crew.position).documents[document.position]);
        Ok(LinkedFile {
            document,
            content: Some(content.map_err(|_| store_unavailable(&state.policies, request.now))?),
        })
    }

    fn advice(_: &Situation<'_>, _: LinkedDocument<'a>, _: &Refusal) -> Advice {
        Situation::lost_file()
    }
}

/// Asks the store, which counts the requests that it refuses, and then the part that has the document.
fn reach(request: &mut Request<'_, '_>, step: StoreStep, crew: u32, document: usize) -> Result<(), Refusal> {
    let state = &mut *request.state;
    let is_down_here = match state.policies.store_down_at {
        StoreDownAt::Both => true,
        StoreDownAt::Link => step == StoreStep::Link,
        StoreDownAt::File => step == StoreStep::File,
    };
    if !is_down_here {
        return Ok(());
    }
    let is_down = state.store.refuses(step) || state.crew(crew).documents[document].store == DocumentStore::Down;
    // A link to a file that was lost would lead to a 503.
    if is_down || step == StoreStep::Link && !state.has_file(crew, document) {
        return Err(store_unavailable(&state.policies, request.now));
    }
    Ok(())
}
