//! `/__mock/clock`: read, freeze, set, advance and run the session's clock.
//!
//! `GET` returns `{"now": "2026-06-08T10:16:00Z", "frozen": true}`, as does `POST` with one or more
//! of:
//!
//! - `{"freeze": true}`: freezes the clock at its present time
//! - `{"set": "2026-06-08T10:00:00Z"}`: sets it; a frozen clock stays frozen, a running one runs on
//! - `{"advance": "16m"}`: advances it; `-16m` moves it back
//! - `{"run": true}`: lets it run on
//!
//! They are applied in the order freeze, set, advance, run.

use axum::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::target::JsonBody;
use super::{Problem, TargetSession};
use crate::clock::{Clock, OutOfRange, parse_step, time_field};
use crate::present::present;

/// A change of the clock.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default)]
    freeze: bool,
    #[serde(default, deserialize_with = "time_field")]
    set: Option<Timestamp>,
    #[serde(default, deserialize_with = "present")]
    advance: Option<String>,
    #[serde(default)]
    run: bool,
}

/// The state of the clock.
#[derive(Debug, Serialize)]
pub(crate) struct ClockState {
    now: String,
    frozen: bool,
}

pub(crate) async fn show(TargetSession(session): TargetSession) -> Json<ClockState> {
    Json(clock_state(&session.lock().clock, Timestamp::now()))
}

pub(crate) async fn change(
    TargetSession(session): TargetSession,
    JsonBody(change): JsonBody<Change>,
) -> Result<Json<ClockState>, Problem> {
    let real = Timestamp::now();
    let mut state = session.lock();
    // Changed on a copy, so that an invalid step leaves the clock as it was.
    let mut clock = state.clock.clone();
    change.apply(&mut clock, real)?;
    let response = clock_state(&clock, real);
    state.set_clock(clock, real);
    state.record_change(real, "clock", json!(response));
    Ok(Json(response))
}

impl Change {
    fn apply(&self, clock: &mut Clock, real: Timestamp) -> Result<(), Problem> {
        if !self.freeze && !self.run && self.set.is_none() && self.advance.is_none() {
            return Err(Problem::bad_request("name a change: freeze, set, advance or run"));
        }
        if self.freeze {
            clock.freeze(real);
        }
        if let Some(to) = self.set {
            clock.set(to, real).map_err(|error| Problem::bad_request(error.to_string()))?;
        }
        if let Some(step) = &self.advance {
            let step = parse_step(step).map_err(|error| Problem::bad_request(error.to_string()))?;
            let out_of_range = |error: OutOfRange| Problem::conflict("clock_out_of_range", error.to_string());
            clock.advance(step, real).map_err(out_of_range)?;
        }
        if self.run {
            clock.run(real);
        }
        Ok(())
    }
}

fn clock_state(clock: &Clock, real: Timestamp) -> ClockState {
    ClockState { now: crate::time_format::rfc3339(clock.now(real).as_second()), frozen: clock.is_frozen() }
}
