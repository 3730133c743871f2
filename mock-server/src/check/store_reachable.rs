//! While the file store is unreachable there is a 503, never a storage URL (G). Policy `store_down_at` says where.

use jiff::Timestamp;

use super::established::{Document, LinkedDocument, LinkedFile};
use super::refusal::{file_lost, retry_after};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};
use crate::policy::StoreDownAt;
use crate::session::{SessionState, StoreStep};

/// The check of the store before a link is given.
pub(super) struct LinkStoreReachable;

impl Check<'_> for LinkStoreReachable {
    type Input = Document;
    type Output = Document;
    const CLAUSE: &'static Clause = clause::STORE_REACHABLE;

    fn check(request: &mut Request<'_, '_>, document: Document) -> Result<Document, Refusal> {
        reach(request.state, StoreStep::Link, request.now)?;
        Ok(document)
    }

    fn advice(situation: &Situation<'_>, _: Document, _: &Refusal) -> Advice {
        situation.store(StoreStep::Link)
    }
}

/// The check of the store before a file is sent.
pub(super) struct FileStoreReachable;

impl<'a> Check<'a> for FileStoreReachable {
    type Input = LinkedDocument<'a>;
    type Output = LinkedDocument<'a>;
    const CLAUSE: &'static Clause = clause::STORE_REACHABLE;

    fn check(request: &mut Request<'_, '_>, link: LinkedDocument<'a>) -> Result<LinkedDocument<'a>, Refusal> {
        reach(request.state, StoreStep::File, request.now)?;
        Ok(link)
    }

    fn advice(situation: &Situation<'_>, _: LinkedDocument<'a>, _: &Refusal) -> Advice {
        situation.store(StoreStep::File)
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
        Ok(LinkedFile { document, content: Some(content.map_err(|_| file_lost())?) })
    }

    fn advice(situation: &Situation<'_>, _: LinkedDocument<'a>, _: &Refusal) -> Advice {
        situation.store(StoreStep::File)
    }
}

/// `Retry-After` of the 503, in seconds (D).
const RETRY_AFTER_SECONDS: f64 = 2.0;

/// Asks the store, which counts the requests that it refuses.
fn reach(state: &mut SessionState, step: StoreStep, now: Timestamp) -> Result<(), Refusal> {
    let is_down_here = match state.policies.store_down_at {
        StoreDownAt::Both => true,
        StoreDownAt::Link => step == StoreStep::Link,
        StoreDownAt::File => step == StoreStep::File,
    };
    if !is_down_here || !state.store.refuses(step) {
        return Ok(());
    }
    let refusal = Refusal::new(clause::STORE_REACHABLE, error::FILE_STORE_UNAVAILABLE);
    let retry_after = retry_after(state.policies.retry_after, RETRY_AFTER_SECONDS, now);
    Err(Refusal { retry_after, body: state.policies.store_down_body, ..refusal })
}
