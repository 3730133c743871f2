//! A link that was never given, was given before a reset, was tampered with, or is for nobody in the world is
//! dead (D).

use super::established::{LinkedCrew, UnprovedLink};
use super::refusal::dead_link;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::token::Claims;

/// The check of the token. Nothing of it is believed before its session has verified the signature.
pub(super) struct TokenKnown;

impl<'a> Check<'a> for TokenKnown {
    type Input = UnprovedLink<'a>;
    type Output = &'a Claims<'a>;
    const CLAUSE: &'static Clause = clause::LINK_KNOWN;

    fn check(request: &mut Request<'_, '_>, link: UnprovedLink<'a>) -> Result<&'a Claims<'a>, Refusal> {
        let state = &*request.state;
        // Links of before a reset are dead. An epoch of another process with the same secret is not judged.
        let present = link.filter(|claims| !claims.epoch.is_before(state.epoch));
        present.ok_or_else(|| dead_link(&state.policies, clause::LINK_KNOWN))
    }

    fn advice(situation: &Situation<'_>, _: UnprovedLink<'a>, _: &Refusal) -> Advice {
        situation.unknown_link()
    }
}

/// The check of the crew member that the link names: another world may be served by now.
pub(super) struct CrewKnown;

impl<'a> Check<'a> for CrewKnown {
    type Input = &'a Claims<'a>;
    type Output = LinkedCrew<'a>;
    const CLAUSE: &'static Clause = clause::LINK_KNOWN;

    fn is_asked(_: &Request<'_, '_>) -> bool {
        // The token was asked about before; a second line would say the same.
        false
    }

    fn check(
        Request { state, context, .. }: &mut Request<'_, '_>,
        claims: &'a Claims<'a>,
    ) -> Result<LinkedCrew<'a>, Refusal> {
        let position = state.resolve_position(&claims.crew, context.crew_lookup.as_ref());
        let position = position.ok_or_else(|| dead_link(&state.policies, clause::LINK_KNOWN))?;
        Ok(LinkedCrew { claims, position })
    }

    fn advice(situation: &Situation<'_>, _: &'a Claims<'a>, _: &Refusal) -> Advice {
        situation.unknown_link()
    }
}
