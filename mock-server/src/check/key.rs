//! A request without a known, active API key is 401 (P).

use super::established::Caller;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};
use crate::secret::mode_of;

/// The check of the key.
pub(super) struct KeyKnown;

impl Check<'_> for KeyKnown {
    type Input = ();
    type Output = Caller;
    const CLAUSE: &'static Clause = clause::KEY;

    fn check(Request { state, context, .. }: &mut Request<'_, '_>, (): ()) -> Result<Caller, Refusal> {
        let unknown = || Refusal::new(clause::KEY, error::INVALID_API_KEY);
        let text = context.credential().judged(state.policies.both_keys).ok_or_else(unknown)?;
        let mode = mode_of(text).ok_or_else(unknown)?;
        let (partner, key) = state.key_position(text).ok_or_else(unknown)?;
        let (owner, known) = (&state.partners[partner], &state.partners[partner].keys[key]);
        if known.revoked {
            return Err(unknown());
        }
        Ok(Caller { partner, key, granted: owner.granted_to(known), mode })
    }

    fn advice(situation: &Situation<'_>, (): (), _: &Refusal) -> Advice {
        situation.key()
    }
}
