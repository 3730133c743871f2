//! `/__mock/compliance`: the stored projections behind compliance checks.
//!
//! - `GET` returns `{"projection": "stored", "lag": "30s", "waiting": [{"crew": "crew_001", "due":
//!   "2026-06-08T10:00:30Z"}]}`: the changes that no check shows yet
//! - `POST /compliance/refresh` makes the projections now, of everybody or of one person: `{"crew": "crew_001"}`

use axum::Json;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::target::OptionalBody;
use super::{Problem, TargetSession};
use crate::present::present;
use crate::session::SessionState;
use crate::time_format::rfc3339;

/// The person whose projections are made; everybody if left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    #[serde(default, deserialize_with = "present")]
    crew: Option<String>,
}

pub(crate) async fn show(TargetSession(session): TargetSession) -> Json<Value> {
    let mut state = session.lock();
    let now = state.clock.now(Timestamp::now());
    state.update_projections(now);
    Json(projections(&state))
}

pub(crate) async fn refresh(
    TargetSession(session): TargetSession,
    OptionalBody(Refresh { crew }, _): OptionalBody<Refresh>,
) -> Result<Json<Value>, Problem> {
    let real = Timestamp::now();
    let mut state = session.lock();
    let position = crew.as_deref().map(|id| state.find_crew(id)).transpose()?;
    let now = state.clock.now(real);
    state.refresh_projections(position, now);
    state.record_change(real, "compliance", json!({"refreshed": crew, "as_of": rfc3339(now.as_second())}));
    Ok(Json(projections(&state)))
}

fn projections(state: &SessionState) -> Value {
    json!({
        "projection": state.policies.compliance_projection,
        "lag": state.policies.projection_lag,
        "waiting": state.waiting_projections(),
    })
}
