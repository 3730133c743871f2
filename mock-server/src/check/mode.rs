//! A key of the other mode is 403 `partner_mode_mismatch` (P).

use super::established::Caller;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};

/// The check of the key's mode.
pub(super) struct ModeFits;

impl Check<'_> for ModeFits {
    type Input = Caller;
    type Output = Caller;
    const CLAUSE: &'static Clause = clause::MODE;

    fn check(request: &mut Request<'_, '_>, caller: Caller) -> Result<Caller, Refusal> {
        if caller.mode == request.state.world().mode {
            return Ok(caller);
        }
        Err(Refusal::new(clause::MODE, error::PARTNER_MODE_MISMATCH))
    }

    fn advice(situation: &Situation<'_>, caller: Caller, _: &Refusal) -> Advice {
        situation.mode(caller)
    }
}
