//! The vessels on the caller's fleet (P; the body is D, since no page shows one).

use jiff::Timestamp;
use serde::Serialize;

use crate::check::Authorized;
use crate::error::Refusal;
use crate::reply::{Reply, extra};
use crate::request::RequestContext;
use crate::session::SessionState;

/// The list of vessels, on the wire.
#[derive(Serialize)]
struct Vessels<'a> {
    items: Vec<Item<'a>>,
    next_cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<&'static str>,
}

/// A vessel of the list, on the wire.
#[derive(Serialize)]
struct Item<'a> {
    vessel_id: &'a str,
    name: &'a str,
}

/// Lists the vessels of the caller's fleet by name, and those of one name by id.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    Authorized { caller, .. }: Authorized,
    _: Timestamp,
) -> Result<Reply, Refusal> {
    let partner = &*state.partners[caller.partner].id;
    let vessels = state.vessels();
    let on_fleet = vessels.filter(|vessel| vessel.partners.iter().any(|id| id.as_str() == partner));
    let mut items: Vec<_> = on_fleet.map(|vessel| Item { vessel_id: &vessel.id, name: &vessel.name }).collect();
    items.sort_by_key(|item| (item.name, item.vessel_id));
    // The list has one page (D).
    Ok(Reply::json(&Vessels { items, next_cursor: None, as_of: extra(&state.policies) }))
}
