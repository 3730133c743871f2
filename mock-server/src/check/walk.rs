//! A check, and a walk from check to check. The answer and `explain` take the same walk, with another observer.

use jiff::Timestamp;

use crate::clause::Clause;
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::request::RequestContext;
use crate::session::SessionState;

/// One check of the contract. The first that fails decides the answer.
pub(crate) trait Check<'a> {
    /// What the checks before this one established.
    type Input: Copy + 'a;
    /// What is established once this one passes.
    type Output;

    /// The clause that decides if it fails.
    const CLAUSE: &'static Clause;

    /// Returns true if the check is about this request. An explanation does not list a check that passes without being asked.
    fn is_asked(_: &Request<'_, '_>) -> bool {
        true
    }

    /// Decides. What a check counts or moves, it does here, under the session's lock, so that concurrent requests
    /// never share a turn.
    fn check(request: &mut Request<'_, '_>, input: Self::Input) -> Result<Self::Output, Refusal>;

    /// Says why it failed, and in which nearest worlds it would pass.
    fn advice(situation: &Situation<'_>, input: Self::Input, refusal: &Refusal) -> Advice;
}

/// A request in its session, at one moment.
pub(crate) struct Request<'a, 'r> {
    /// The state of the session, which is locked.
    pub(crate) state: &'a mut SessionState,
    /// The request.
    pub(crate) context: &'a RequestContext<'r>,
    /// The time on the session's clock.
    pub(crate) now: Timestamp,
}

/// A reader of a walk.
pub(crate) trait Observer<'a> {
    /// Notes a check that was run, with its input and the refusal if it failed.
    fn ran<C: Check<'a>>(&mut self, request: &Request<'_, '_>, input: C::Input, refusal: Option<&Refusal>);

    /// Notes a check that was not reached, because one before it failed.
    fn skipped<C: Check<'a>>(&mut self, request: &Request<'_, '_>);
}

/// The observer of a request that is answered: it notes nothing, and costs nothing.
pub(crate) struct Unobserved;

impl<'a> Observer<'a> for Unobserved {
    #[inline]
    fn ran<C: Check<'a>>(&mut self, _: &Request<'_, '_>, _: C::Input, _: Option<&Refusal>) {}

    #[inline]
    fn skipped<C: Check<'a>>(&mut self, _: &Request<'_, '_>) {}
}

/// A walk that has come to `T`, or to a refusal.
pub(super) struct Walk<'w, 'r, 'o, O, T> {
    request: Request<'w, 'r>,
    observer: &'o mut O,
    reached: Result<T, Refusal>,
}

impl<'w, 'r, 'o, O, T> Walk<'w, 'r, 'o, O, T> {
    /// Begins with what is known before the first check.
    #[inline]
    pub(super) fn begin(request: Request<'w, 'r>, observer: &'o mut O, input: T) -> Self {
        Self { request, observer, reached: Ok(input) }
    }

    /// Runs a check, unless one before it failed.
    #[inline]
    pub(super) fn check<'a, C>(mut self) -> Walk<'w, 'r, 'o, O, C::Output>
    where
        T: Copy,
        O: Observer<'a>,
        C: Check<'a, Input = T>,
    {
        let reached = match self.reached {
            Ok(input) => {
                let result = C::check(&mut self.request, input);
                self.observer.ran::<C>(&self.request, input, result.as_ref().err());
                result
            }
            Err(refusal) => {
                self.observer.skipped::<C>(&self.request);
                Err(refusal)
            }
        };
        Walk { request: self.request, observer: self.observer, reached }
    }

    /// Ends the walk: the request again, and what was reached.
    #[inline]
    pub(super) fn end(self) -> (Request<'w, 'r>, Result<T, Refusal>) {
        (self.request, self.reached)
    }
}
