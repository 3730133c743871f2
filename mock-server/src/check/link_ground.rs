//! The preconditions of a link: its key, plan, scope, fleet and consent. Under policy
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
use crate::token::Claims;

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
        if Self::is_asked(request) && lost_ground(state, link.crew.position, link.crew.claims).is_some() {
            return Err(dead_link(&state.policies, clause::LINK_GROUND));
        }
        Ok(link)
    }

    fn advice(situation: &Situation<'_>, link: LinkedDocument<'a>, _: &Refusal) -> Advice {
        situation.gone_ground(link.crew.claims)
    }
}

/// Returns the name of the precondition of a link that is no longer met, or `None`.
pub(crate) fn lost_ground(state: &SessionState, crew: u32, claims: &Claims<'_>) -> Option<&'static str> {
    let person = state.crew(crew);
    let partner = &*claims.partner;
    let Some(known) = state.partners.iter().find(|known| *known.id == *partner) else { return Some("the partner") };
    let key = known.keys.iter().find(|key| *key.name == *claims.key && !key.revoked);
    let Some(key) = key else { return Some("the key") };
    if !known.api_enabled {
        return Some("the plan");
    }
    if !known.granted_to(key).contains(Scope::DocumentsDownload) {
        return Some("the scope");
    }
    if !person.on_fleet_of(state.world(), partner) {
        return Some("the place on the fleet");
    }
    (!person.consents(partner, Scope::DocumentsDownload)).then_some("the consent")
}
