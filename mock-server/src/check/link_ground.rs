//! The preconditions of a link: its plan, scope, fleet and consent. Under policy
//! `recheck_on_follow`, a link is dead if one of them is no longer met (D).

use super::established::LinkedDocument;
use super::refusal::dead_link;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::policy::RecheckOnFollow;
use crate::scope::Scope;
use crate::session::SessionState;

/// The check that the preconditions of the link are still met.
pub(super) struct LinkGround;

impl<'a> Check<'a> for LinkGround {
    type Input = LinkedDocument<'a>;
    type Output = LinkedDocument<'a>;
    const CLAUSE: &'static Clause = clause::LINK_GROUND;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.state.policies.recheck_on_follow == RecheckOnFollow::Dead
    }

    fn check(request: &mut Request<'_, '_>, link: LinkedDocument<'a>) -> Result<LinkedDocument<'a>, Refusal> {
        let state = &*request.state;
        if Self::is_asked(request) && lost_ground(state, link.crew.position, &link.crew.claims.partner).is_some() {
            return Err(dead_link(&state.policies, clause::LINK_GROUND));
        }
        Ok(link)
    }

    fn advice(situation: &Situation<'_>, link: LinkedDocument<'a>, _: &Refusal) -> Advice {
        situation.gone_ground(link.crew.claims)
    }
}

/// Returns the name of the precondition of a link that is no longer met, or `None`.
pub(crate) fn lost_ground(state: &SessionState, crew: u32, partner: &str) -> Option<&'static str> {
    let person = state.crew(crew);
    let Some(known) = state.partners.iter().find(|known| *known.id == *partner) else { return Some("the partner") };
    if !known.api_enabled {
        return Some("the plan");
    }
    if !known.granted_scopes.contains(Scope::DocumentsDownload) {
        return Some("the scope");
    }
    if !person.on_fleet_of(state.world(), partner) {
        return Some("the place on the fleet");
    }
    (!person.consents(partner, Scope::DocumentsDownload)).then_some("the consent")
}
