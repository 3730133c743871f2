//! A cursor is of use to the partner that it was given to, and only there (H). Policies `bad_cursor`, `cursor_ttl` and
//! `cursor_query` say what happens otherwise (D).

use super::established::{Authorized, FleetPage};
use super::refusal::bad_cursor;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::cursor::PageCursor;
use crate::error::Refusal;
use crate::explain::{Advice, Situation};
use crate::input::FleetQuery;
use crate::policy::{CursorQuery, PageDrift};

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
        let cursor = open(request, authorized.caller.partner, text);
        let policies = &request.state.policies;
        let refused = || bad_cursor(policies, text);
        let cursor = cursor.ok_or_else(refused)?;
        match policies.cursor_query {
            CursorQuery::Carried => {
                let limit = query.limit.unwrap_or(cursor.limit);
                Ok(FleetPage { authorized, window: cursor.window, limit, cursor: Some(cursor) })
            }
            CursorQuery::Repeat if query.window.unwrap_or(DEFAULT_WINDOW) != cursor.window => Err(refused()),
            CursorQuery::Repeat => {
                let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
                Ok(FleetPage { authorized, window: cursor.window, limit, cursor: Some(cursor) })
            }
        }
    }

    fn advice(situation: &Situation<'_>, _: Authorized, _: &Refusal) -> Advice {
        situation.cursor()
    }
}

/// Opens a cursor; `None` if it is a bad one.
fn open(Request { state, now, .. }: &mut Request<'_, '_>, partner: usize, text: &str) -> Option<PageCursor> {
    let cursor = state.cursors.open(&state.partners[partner].id, text)?;
    let lifetime = state.policies.cursor_ttl.seconds();
    let is_over = lifetime.is_some_and(|seconds| now.as_second() >= cursor.issued.saturating_add(seconds));
    // A reset ends the cursors of before, and so does another world: its rows are others.
    if is_over || cursor.epoch.is_before(state.epoch) || cursor.world != state.world_count {
        return None;
    }
    let is_kept = state.policies.page_drift == PageDrift::Live
        || state.fleet_view(partner, cursor.order, cursor.version).is_some();
    is_kept.then_some(cursor)
}
