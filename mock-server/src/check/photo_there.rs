//! A person without a profile photo has none to give: 404 (P).

use super::established::CrewMember;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};

/// The check of the photo.
pub(super) struct PhotoThere;

impl Check<'_> for PhotoThere {
    type Input = CrewMember;
    type Output = CrewMember;
    const CLAUSE: &'static Clause = clause::PHOTO_THERE;

    fn check(Request { state, .. }: &mut Request<'_, '_>, crew: CrewMember) -> Result<CrewMember, Refusal> {
        let has_photo = state.crew(crew.position).details.as_ref().is_some_and(|details| details.photo.is_some());
        if has_photo { Ok(crew) } else { Err(Refusal::new(clause::PHOTO_THERE, error::NOT_FOUND)) }
    }

    fn advice(situation: &Situation<'_>, crew: CrewMember, _: &Refusal) -> Advice {
        situation.photo(crew)
    }
}
