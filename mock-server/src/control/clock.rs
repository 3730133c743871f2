//! `/__mock/clock`: read, freeze, set, advance and run the session's clock.
//!
//! `GET` gives `{"now": "2026-06-08T10:16:00Z", "frozen": true}`, as does `POST` with one or several of:
//!
//! - `{"freeze": true}`: stops it where it is
//! - `{"set": "2026-06-08T10:00:00Z"}`: sets it; a frozen clock stays frozen, a running one runs on
//! - `{"advance": "16m"}`: moves it; `-16m` moves it back
//! - `{"run": true}`: lets it run on
//!
//! Several are carried out in the order freeze, set, advance, run.

use axum::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::target::Body;
use super::{Problem, Target};
use crate::clock::{Clock, parse_step};

/// What to do with the clock.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default)]
    freeze: bool,
    set: Option<Timestamp>,
    advance: Option<String>,
    #[serde(default)]
    run: bool,
}

/// What the clock shows.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    now: String,
    frozen: bool,
}

pub(crate) async fn show(Target(session): Target) -> Json<Shown> {
    Json(shown(&session.lock().clock, Timestamp::now()))
}

pub(crate) async fn change(Target(session): Target, Body(change): Body<Change>) -> Result<Json<Shown>, Problem> {
    let real = Timestamp::now();
    let mut state = session.lock();
    let mut clock = state.clock.clone();
    change.apply(&mut clock, real)?;
    let told = shown(&clock, real);
    state.clock = clock;
    state.note(real, "clock", json!(told));
    Ok(Json(told))
}

impl Change {
    fn apply(&self, clock: &mut Clock, real: Timestamp) -> Result<(), Problem> {
        if !self.freeze && !self.run && self.set.is_none() && self.advance.is_none() {
            return Err(Problem::bad_request("say what to do: freeze, set, advance or run"));
        }
        if self.freeze {
            clock.freeze(real);
        }
        if let Some(to) = self.set {
            clock.set(to, real).map_err(|error| Problem::bad_request(error.to_string()))?;
        }
        if let Some(step) = &self.advance {
            let step = parse_step(step).map_err(|error| Problem::bad_request(error.to_string()))?;
            clock.advance(step, real).map_err(|error| Problem::bad_request(error.to_string()))?;
        }
        if self.run {
            clock.run(real);
        }
        Ok(())
    }
}

fn shown(clock: &Clock, real: Timestamp) -> Shown {
    Shown { now: crate::time_format::rfc3339(clock.now(real).as_second()), frozen: clock.is_frozen() }
}
