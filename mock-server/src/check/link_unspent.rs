//! Where policy `link_use` says so, a link works once (D).

use super::established::LinkedDocument;
use super::refusal::dead_link;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::policy::LinkUse;
use crate::session::LinkId;

/// The check of a link that may be used once.
pub(super) struct LinkUnspent;

impl<'a> Check<'a> for LinkUnspent {
    type Input = LinkedDocument<'a>;
    type Output = LinkedDocument<'a>;
    const CLAUSE: &'static Clause = clause::LINK_UNSPENT;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.state.policies.link_use == LinkUse::Once
    }

    fn check(request: &mut Request<'_, '_>, link: LinkedDocument<'a>) -> Result<LinkedDocument<'a>, Refusal> {
        if Self::is_asked(request) && request.state.used_links.get(LinkId::from_claims(link.crew.claims)).is_some() {
            return Err(dead_link(&request.state.policies, clause::LINK_UNSPENT));
        }
        Ok(link)
    }

    fn advice(situation: &Situation<'_>, link: LinkedDocument<'a>, _: &Refusal) -> Advice {
        situation.used_link(link.crew.claims)
    }
}
