//! The partner that the key belongs to, and what the key may do (P, /api-reference/partners).

use jiff::Timestamp;
use serde::Serialize;

use crate::check::Authorized;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::request::RequestContext;
use crate::scope::ScopeSet;
use crate::session::SessionState;
use crate::world::{Mode, PartnerKind};

/// The partner, on the wire.
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

/// Gives the caller's own partner.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    Authorized { caller, .. }: Authorized,
    _: Timestamp,
) -> Result<Reply, Refusal> {
    let partner = &state.partners[caller.partner];
    let me = PartnerMe {
        partner_id: &partner.id,
        partner_type: partner.kind,
        mode: caller.mode,
        display_name: partner.display_name.as_deref(),
        status: "active",
        subscription_plan: partner.plan.as_deref(),
        granted_scopes: caller.granted,
        region: crate::reply::extra(&state.policies),
    };
    Ok(Reply::json(&me))
}
