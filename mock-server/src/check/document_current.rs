//! Only the current version of a document is there (G). Policy `superseded_document` says what an old id gets (D).

use super::established::{CrewMember, Document};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};
use crate::policy::SupersededDocument;

/// The check of the document in the path.
pub(super) struct DocumentCurrent;

impl Check<'_> for DocumentCurrent {
    type Input = CrewMember;
    type Output = Document;
    const CLAUSE: &'static Clause = clause::DOCUMENT_CURRENT;

    fn check(Request { state, context, .. }: &mut Request<'_, '_>, crew: CrewMember) -> Result<Document, Refusal> {
        let unknown = || Refusal::new(clause::DOCUMENT_CURRENT, error::NOT_FOUND);
        let documents = &state.crew(crew.position).documents;
        let mut id = context.document.as_deref().ok_or_else(unknown)?;
        let mut position = documents.iter().position(|document| *document.id == *id).ok_or_else(unknown)?;
        // Policy `current`: an old id leads along its versions to the newest.
        while !documents[position].current {
            if state.policies.superseded_document == SupersededDocument::NotFound {
                return Err(unknown());
            }
            let newer = documents.iter().position(|newer| newer.supersedes.as_deref() == Some(id));
            position = newer.ok_or_else(unknown)?;
            id = &documents[position].id;
        }
        Ok(Document { crew, position })
    }

    fn advice(situation: &Situation<'_>, crew: CrewMember, _: &Refusal) -> Advice {
        situation.document(crew)
    }
}
