//! `GET /api/v2/partners/me`: who the key belongs to, and what it may do (P, /api-reference/partners).

use jiff::Timestamp;
use serde::Serialize;

use crate::checks::Found;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::request::RequestContext;
use crate::scope::ScopeSet;
use crate::session::SessionState;
use crate::world::{Mode, PartnerKind};

#[derive(Serialize)]
struct PartnerMe<'a> {
    partner_id: &'a str,
    partner_type: PartnerKind,
    mode: Mode,
    display_name: Option<&'a str>,
    status: &'static str,
    subscription_plan: Option<&'a str>,
    granted_scopes: ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'static str>,
}

/// Tells the caller who it is.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
pub(crate) fn me(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    found: &Found,
    _: Timestamp,
) -> Result<Reply, Refusal> {
    let partner = &state.partners[found.partner];
    let me = PartnerMe {
        partner_id: &partner.id,
        partner_type: partner.kind,
        mode: found.mode,
        display_name: partner.display_name.as_deref(),
        status: "active",
        subscription_plan: partner.plan.as_deref(),
        granted_scopes: found.granted,
        region: crate::reply::extra(&state.policies),
    };
    Ok(Reply::json(&me))
}
