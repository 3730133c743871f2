//! The fleet of the caller, page by page: a row for each person and vessel (P, /guides/crew).

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::check::{self, FleetPage};
use crate::cursor::{Cursors, PageCursor};
use crate::error::Refusal;
use crate::policy::{EmptyPages, ExpiredCount, LastCursor, PageDrift, Policies, UnknownValues, WithheldFields};
use crate::reply::{JsonWriter, Optional, Rendered, Reply, extra, write_json};
use crate::request::RequestContext;
use crate::scope::Scope;
use crate::session::{FleetView, SessionState, day_of};
use crate::time_format::rfc3339;
use crate::world::{CrewMember, FleetRow};

/// A row of the fleet, on the wire.
struct Row<'a> {
    crew_unique_id: &'a str,
    name: Option<&'a str>,
    vessel_id: &'a str,
    vessel_name: &'a str,
    role: Option<&'a str>,
    verification_status: Optional<&'a str>,
    background_check_status: Optional<&'a str>,
    documents_expiring: usize,
    as_of: &'a str,
    cabin: Option<&'static str>,
}

impl Row<'_> {
    fn write(&self, json: &mut JsonWriter<'_>) {
        json.raw(r#"{"crew_unique_id":"#);
        json.text(self.crew_unique_id);
        json.raw(r#","name":"#);
        json.optional_text(self.name);
        json.raw(r#","vessel_id":"#);
        json.text(self.vessel_id);
        json.raw(r#","vessel_name":"#);
        json.text(self.vessel_name);
        json.raw(r#","role":"#);
        json.optional_text(self.role);
        json.field(r#","verification_status":"#, &self.verification_status);
        json.field(r#","background_check_status":"#, &self.background_check_status);
        json.raw(r#","documents_expiring":"#);
        json.number(self.documents_expiring);
        json.raw(r#","as_of":"#);
        json.text(self.as_of);
        json.field(r#","cabin":"#, &Optional::new(self.cabin, true));
        json.raw("}");
    }
}

/// A page, with all that is needed to write it without the lock.
struct Page {
    view: Arc<FleetView>,
    partner: Box<str>,
    /// Is true if the partner is granted the scope of the status fields.
    shows_status: bool,
    policies: Policies,
    first_day: i32,
    /// The rows of the page.
    rows: std::ops::Range<usize>,
    /// This page's place, from which that of the next one follows.
    next: Option<PageCursor>,
    cursors: Cursors,
    window: u16,
    /// The second that the page shows.
    moment: Timestamp,
}

/// Gives a page of the fleet.
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    FleetPage { authorized, window, limit, cursor }: FleetPage,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let caller = authorized.caller;
    let is_snapshot = state.policies.page_drift == PageDrift::Snapshot;
    let order = cursor.map_or(state.policies.fleet_order, |cursor| cursor.order);
    let snapshot = cursor.filter(|_| is_snapshot);
    let version = snapshot.map_or_else(|| state.crew_version(), |cursor| cursor.version);
    let view = state.fleet_view(caller.partner, order, version);
    let view = view.ok_or_else(|| check::bad_cursor(&state.policies, ""))?;
    let moment = snapshot.and_then(|cursor| Timestamp::from_second(cursor.moment).ok()).unwrap_or(now);
    let total = view.rows().len();
    let start = cursor.map_or(0, |cursor| cursor.offset as usize).min(total);
    let left_empty = is_left_empty(&state.policies, cursor, start, total);
    let end = if left_empty { start } else { (start + state.policies.page_rows.most(limit)).min(total) };
    let next = (end < total).then(|| PageCursor {
        epoch: state.epoch,
        world: state.world_count,
        version,
        offset: u32::try_from(end).unwrap_or(u32::MAX),
        window,
        limit,
        order,
        after_empty: left_empty,
        issued: now.as_second(),
        moment: moment.as_second(),
    });
    let page = Page {
        view,
        partner: state.partners[caller.partner].id.clone(),
        shows_status: caller.granted.contains(Scope::StatusRead),
        policies: state.policies.clone(),
        first_day: state.first_day,
        rows: start..end,
        next,
        cursors: state.cursors.clone(),
        window,
        moment,
    };
    Ok(Reply::Rendered(Rendered::new(move |_| page.written())))
}

/// Returns true if a page has no rows although it is not the last: one after each page, by policy `empty_pages` (D).
fn is_left_empty(policies: &Policies, cursor: Option<PageCursor>, start: usize, total: usize) -> bool {
    let is_after_rows = cursor.is_some_and(|cursor| !cursor.after_empty);
    policies.empty_pages == EmptyPages::Sometimes && is_after_rows && start < total
}

impl Page {
    /// Writes the page.
    fn written(&self) -> Bytes {
        let as_of = rfc3339(self.moment.as_second());
        let rows = self.view.rows().get(self.rows.clone()).unwrap_or_default();
        let mut items: Vec<_> = rows.iter().map(|row| self.row(*row, &as_of)).collect();
        if self.policies.unknown_values == UnknownValues::New {
            if let Some(Optional::Value(Some(status))) = items.first_mut().map(|row| &mut row.verification_status) {
                *status = "under_review";
            }
            if let Some(Optional::Value(Some(status))) = items.last_mut().map(|row| &mut row.background_check_status) {
                *status = "escalated";
            }
        }
        let next_cursor = self.next.map(|place| self.cursors.seal(&self.partner, &place));
        let next_cursor = Optional::new(next_cursor, self.policies.last_cursor == LastCursor::Absent);
        write_json(|json| {
            for (at, row) in items.iter().enumerate() {
                json.raw(if at == 0 { r#"{"items":["# } else { "," });
                row.write(json);
            }
            json.raw(if items.is_empty() { r#"{"items":[]"# } else { "]" });
            json.field(r#","next_cursor":"#, &next_cursor);
            json.raw(r#","expiring_within_days":"#);
            json.number(self.window.into());
            json.field(r#","total_hint":"#, &Optional::new(extra(&self.policies), true));
            json.raw("}");
        })
    }

    fn row<'a>(&'a self, row: FleetRow, as_of: &'a str) -> Row<'a> {
        let (person, vessel) = self.view.resolve(row);
        let details = person.details.as_deref();
        let is_shown = self.shows_status && person.consents(&self.partner, Scope::StatusRead);
        let status = |status: Option<&'static str>| match (is_shown, self.policies.withheld_fields) {
            (true, _) => Optional::Value(status),
            (false, WithheldFields::Null) => Optional::Value(None),
            (false, WithheldFields::Absent) => Optional::LeftOut,
        };
        let verification = details.map(|details| details.verification).unwrap_or_default();
        let background_check = details.and_then(|details| details.background_check);
        Row {
            crew_unique_id: &person.id,
            name: person.name.as_deref(),
            vessel_id: &vessel.id,
            vessel_name: &vessel.name,
            role: person.role_on(&vessel.id).map(crate::world::Text::as_str),
            verification_status: status(Some(verification.name())),
            background_check_status: status(background_check.map(crate::world::BackgroundCheck::name)),
            documents_expiring: self.documents_expiring(person),
            as_of,
            cabin: extra(&self.policies),
        }
    }

    /// Counts the current documents that expire within the window (P); policy `expired_count` adds those that have
    /// expired (D).
    fn documents_expiring(&self, person: &CrewMember) -> usize {
        let today = day_of(self.moment);
        let earliest = if self.policies.expired_count == ExpiredCount::Yes { i32::MIN } else { today };
        let days = earliest..=today.saturating_add(i32::from(self.window));
        let current = person.documents.iter().filter(|document| document.current);
        let expiry = current.filter_map(|document| document.expiry_date);
        expiry.filter(|day| days.contains(&day.resolve(self.first_day))).count()
    }
}
