//! `/__mock/webhooks`: the callbacks of partners, and the deliveries to them.
//!
//! - `GET` returns `{"callbacks": [...], "deliveries": [...], "dropped": 0}`
//! - `POST /webhooks/callbacks` adds a callback, or replaces the one with the same URL: `{"url":
//!   "http://127.0.0.1:9000/hooks", "secret": "whsec_...", "events": ["crew.document.processed"]}`
//! - `POST /webhooks/fire` makes deliveries by hand: `{"event_type": "crew.document.processed", "crew":
//!   "crew_001", "document": "doc_1", "copies": 2, "alter": {"signature": "missing"}}`; see [`super::fire`]
//! - `POST /webhooks/alter` alters the next deliveries, makes each several times, or late: `{"alter": {"body": "value"},
//!   "copies": 2, "after": "30s", "times": 2}`
//! - `POST /webhooks/redeliver` sends dead and refused deliveries again, or one: `{"delivery": 3}`
//! - `GET /webhooks/verify` returns 200 if every delivery has arrived, else 409

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use crewpass_diagnostics::parse_duration;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::target::{OptionalBody, ShortBody};
use super::{Problem, TargetSession};
use crate::app_state::AppState;
use crate::present::present;
use crate::webhook::{Alteration, Callback, Disturbance, FireError};

/// The largest number of copies of a delivery.
const MAX_COPIES: u32 = 1_000;

pub(super) const fn one() -> u32 {
    1
}

/// An alteration of the next deliveries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alter {
    #[serde(default, rename = "alter")]
    alteration: Alteration,
    #[serde(default = "one")]
    copies: u32,
    #[serde(default, deserialize_with = "present")]
    after: Option<String>,
    #[serde(default = "one")]
    times: u32,
}

/// The delivery to send again.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redeliver {
    #[serde(default, deserialize_with = "present")]
    delivery: Option<u64>,
}

pub(crate) async fn show(TargetSession(session): TargetSession) -> Json<Value> {
    Json(session.lock().outbox.to_json())
}

pub(crate) async fn add_callback(
    State(app): State<Arc<AppState>>,
    TargetSession(session): TargetSession,
    ShortBody(callback): ShortBody<Callback>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let warning = app.callback_targets.check_callback(&callback.url).map_err(Problem::bad_request)?;
    let mut state = session.lock();
    if let Some(partner) = &callback.partner
        && state.world().partner(partner).is_none()
    {
        return Err(Problem::not_found(format!("there is no partner `{partner}` in this world")));
    }
    let mut response = json!({"url": callback.url, "partner": callback.partner, "events": callback.events});
    if let Some(warning) = warning {
        response["warning"] = warning.into();
    }
    let real = Timestamp::now();
    // What changed before is not for a new callback.
    let now = state.clock.now(real);
    state.update_projections(now);
    state.outbox.add_callback(callback)?;
    state.record_change(real, "callback", response.clone());
    Ok((StatusCode::CREATED, Json(response)))
}

pub(crate) async fn clear_callbacks(TargetSession(session): TargetSession) -> Json<Value> {
    let mut state = session.lock();
    state.outbox.set_callbacks(&[]);
    state.record_change(Timestamp::now(), "callback", json!({"cleared": true}));
    Json(json!({"cleared": true}))
}

pub(crate) async fn alter(
    TargetSession(session): TargetSession,
    ShortBody(Alter { alteration, copies, after, times }): ShortBody<Alter>,
) -> Result<Json<Value>, Problem> {
    if times == 0 {
        return Err(Problem::bad_request("`times` must be 1 or more"));
    }
    check_copies(copies)?;
    let delay = wait(after.as_deref())?;
    let mut state = session.lock();
    let mut response = json!({"alter": alteration, "times": times});
    if copies > 1 {
        response["copies"] = copies.into();
    }
    if let Some(after) = after {
        response["after"] = after.into();
    }
    state.outbox.disturb_next(Disturbance { alteration: alteration.into(), copies, delay }, times)?;
    state.record_change(Timestamp::now(), "alter", response.clone());
    Ok(Json(response))
}

pub(super) fn check_copies(copies: u32) -> Result<(), Problem> {
    let refused = || Problem::bad_request(format!("`copies` must be between 1 and {MAX_COPIES}"));
    if (1..=MAX_COPIES).contains(&copies) { Ok(()) } else { Err(refused()) }
}

pub(super) fn wait(text: Option<&str>) -> Result<Duration, Problem> {
    let wait = text.map(parse_duration).transpose();
    wait.map(Option::unwrap_or_default).map_err(|error| Problem::bad_request(error.to_string()))
}

pub(crate) async fn redeliver(
    TargetSession(session): TargetSession,
    OptionalBody(Redeliver { delivery }, _): OptionalBody<Redeliver>,
) -> Result<Json<Value>, Problem> {
    let mut state = session.lock();
    let real = Timestamp::now();
    let now = state.clock.now(real);
    let response = json!({"redelivered": state.outbox.redeliver(delivery, now)?});
    let mut detail = response.clone();
    if let Some(delivery) = delivery {
        detail["delivery"] = delivery.into();
    }
    state.record_change(real, "redeliver", detail);
    Ok(Json(response))
}

pub(crate) async fn verify(TargetSession(session): TargetSession) -> Result<Json<Value>, Problem> {
    let state = session.lock();
    let missing = state.outbox.missing();
    if missing.is_empty() {
        return Ok(Json(state.outbox.to_json()));
    }
    let message = format!("deliveries that have not arrived: {}", missing.join(", "));
    Err(Problem::conflict("webhooks_not_delivered", message))
}

impl From<FireError> for Problem {
    fn from(error: FireError) -> Self {
        match error {
            FireError::UnknownDelivery(_) => Self::not_found(error.to_string()),
            FireError::NoCallback { .. } => Self::conflict("no_callback", error.to_string()),
            FireError::Full | FireError::TooManyCallbacks | FireError::TooManyAlterations => {
                Self::too_large(error.to_string())
            }
        }
    }
}
