//! A link is for one version of a document; policy `link_after_reupload` says what a re-upload does to it (D).

use super::established::{LinkedCrew, LinkedDocument};
use super::refusal::dead_link;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::policy::LinkAfterReupload;

/// The check of the document that the link names.
pub(super) struct LinkVersion;

impl<'a> Check<'a> for LinkVersion {
    type Input = LinkedCrew<'a>;
    type Output = LinkedDocument<'a>;
    const CLAUSE: &'static Clause = clause::LINK_VERSION;

    fn check(Request { state, .. }: &mut Request<'_, '_>, crew: LinkedCrew<'a>) -> Result<LinkedDocument<'a>, Refusal> {
        let gone = || dead_link(&state.policies, clause::LINK_VERSION);
        let documents = &state.crew(crew.position).documents;
        let position = documents.iter().position(|document| *document.id == *crew.claims.document).ok_or_else(gone)?;
        if !documents[position].current && state.policies.link_after_reupload == LinkAfterReupload::Dead {
            return Err(gone());
        }
        Ok(LinkedDocument { crew, position })
    }

    fn advice(situation: &Situation<'_>, crew: LinkedCrew<'a>, _: &Refusal) -> Advice {
        situation.gone_version(crew.claims)
    }
}
