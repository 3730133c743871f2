//! A link expires after about 15 minutes (G); policy `link_ttl` sets its lifetime.

use super::refusal::dead_link;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::token::Claims;

/// The check of the link's lifetime.
pub(super) struct LinkAlive;

impl<'a> Check<'a> for LinkAlive {
    type Input = &'a Claims<'a>;
    type Output = &'a Claims<'a>;
    const CLAUSE: &'static Clause = clause::LINK_ALIVE;

    fn check(request: &mut Request<'_, '_>, claims: &'a Claims<'a>) -> Result<&'a Claims<'a>, Refusal> {
        if request.now.as_second() < claims.expires {
            return Ok(claims);
        }
        Err(dead_link(&request.state.policies, clause::LINK_ALIVE))
    }

    fn advice(situation: &Situation<'_>, claims: &'a Claims<'a>, _: &Refusal) -> Advice {
        situation.expired_link(claims)
    }
}
