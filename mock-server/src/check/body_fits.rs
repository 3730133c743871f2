//! A body that is too large is 413 before it is parsed (D). One that is not JSON is 422; policy `unparsable_body`
//! chooses the place before the key (D).

use super::established::Caller;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};
use crate::input::unparsable;
use crate::policy::UnparsableBody;

/// The check that the body is JSON, in front of the key.
pub(super) struct BodyParses;

impl Check<'_> for BodyParses {
    type Input = ();
    type Output = ();
    const CLAUSE: &'static Clause = clause::INPUT_VALID;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.context.endpoint.reads_body() && request.state.policies.unparsable_body == UnparsableBody::BeforeKey
    }

    fn check(request: &mut Request<'_, '_>, (): ()) -> Result<(), Refusal> {
        let mistake = if Self::is_asked(request) { unparsable(request.context) } else { None };
        mistake.map_or(Ok(()), |mistake| Err(Refusal::invalid(vec![mistake])))
    }

    fn advice(_: &Situation<'_>, (): (), refusal: &Refusal) -> Advice {
        Situation::invalid_input(refusal)
    }
}

/// The check of the body's size.
pub(super) struct BodyFits;

impl Check<'_> for BodyFits {
    type Input = Caller;
    type Output = Caller;
    const CLAUSE: &'static Clause = clause::BODY_FITS;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.context.endpoint.reads_body()
    }

    fn check(request: &mut Request<'_, '_>, caller: Caller) -> Result<Caller, Refusal> {
        if request.context.body.is_too_large {
            return Err(Refusal::new(clause::BODY_FITS, error::PAYLOAD_TOO_LARGE));
        }
        Ok(caller)
    }

    fn advice(_: &Situation<'_>, _: Caller, _: &Refusal) -> Advice {
        Situation::large_body()
    }
}
