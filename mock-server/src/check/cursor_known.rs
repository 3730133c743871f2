//! A cursor is of use to the partner that it was given to, and only there (H). Policies `bad_cursor`, `cursor_ttl` and
//! `cursor_query` say what happens otherwise (D).

use jiff::Timestamp;

use super::established::{Authorized, FleetPage};
use super::refusal::bad_cursor;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::cursor::PageCursor;
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::input::FleetQuery;
use crate::policy::{CursorQuery, PageDrift};
use crate::session::SessionState;

/// The window without a parameter, in days (D).
const DEFAULT_WINDOW: u16 = 30;

/// The rows of a page without a parameter (D).
const DEFAULT_LIMIT: u16 = 50;

/// The check of the cursor, if there is one.
pub(super) struct CursorKnown;

impl Check<'_> for CursorKnown {
    type Input = Authorized;
    type Output = FleetPage;
    const CLAUSE: &'static Clause = clause::CURSOR_KNOWN;

    fn check(request: &mut Request<'_, '_>, authorized: Authorized) -> Result<FleetPage, Refusal> {
        let query = FleetQuery::read(request.context, &request.state.policies).map_err(Refusal::invalid)?;
        let Some(text) = query.cursor.as_deref() else {
            let (window, limit) = (query.window.unwrap_or(DEFAULT_WINDOW), query.limit.unwrap_or(DEFAULT_LIMIT));
            return Ok(FleetPage { authorized, window, limit, cursor: None });
        };
        let (state, partner) = (&*request.state, authorized.caller.partner);
        let refused = || bad_cursor(&state.policies, text);
        let cursor = state.cursors.open(&state.partners[partner].id, text).ok_or_else(refused)?;
        if !cursor_faults(state, request.now, partner, &cursor, query.window).is_empty() {
            return Err(refused());
        }
        let limit = match state.policies.cursor_query {
            CursorQuery::Carried => cursor.limit,
            CursorQuery::Repeat => DEFAULT_LIMIT,
        };
        let limit = query.limit.unwrap_or(limit);
        Ok(FleetPage { authorized, window: cursor.window, limit, cursor: Some(cursor) })
    }

    fn advice(situation: &Situation<'_>, authorized: Authorized, _: &Refusal) -> Advice {
        situation.cursor(authorized.caller)
    }
}

/// The reason why a cursor is refused that the session gave to the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CursorFault {
    /// It is of before a reset.
    BeforeReset,
    /// It is of another world, whose rows are others.
    OtherWorld,
    /// It is older than policy `cursor_ttl` allows.
    Expired,
    /// The moment that its pages show is not kept any more.
    SnapshotGone,
    /// The window is another one, which policy `cursor_query` does not allow.
    OtherWindow,
}

/// Returns every reason why a cursor is refused.
pub(crate) fn cursor_faults(
    state: &SessionState,
    now: Timestamp,
    partner: usize,
    cursor: &PageCursor,
    window: Option<u16>,
) -> Vec<CursorFault> {
    let policies = &state.policies;
    let lifetime = policies.cursor_ttl.seconds();
    let is_over = lifetime.is_some_and(|seconds| now.as_second() >= cursor.issued.saturating_add(seconds));
    let is_kept = policies.page_drift == PageDrift::Live || state.has_fleet_view(partner, cursor.order, cursor.version);
    let is_repeated =
        policies.cursor_query == CursorQuery::Carried || window.unwrap_or(DEFAULT_WINDOW) == cursor.window;
    let faults = [
        (cursor.epoch.is_before(state.epoch), CursorFault::BeforeReset),
        (cursor.world != state.world_count, CursorFault::OtherWorld),
        (is_over, CursorFault::Expired),
        (!is_kept, CursorFault::SnapshotGone),
        (!is_repeated, CursorFault::OtherWindow),
    ];
    faults.into_iter().filter_map(|(is_so, fault)| is_so.then_some(fault)).collect()
}
