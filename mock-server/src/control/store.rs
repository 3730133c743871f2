//! `/__mock/store`: take the file store down, at one step or both, and bring it up again.
//!
//! `GET` returns the state of each step, `{"link": "up", "file": {"down_for": 2}}`, as does `POST`
//! with:
//!
//! - `{"down": true}`: down at both steps until it is changed
//! - `{"down": true, "at": "file"}`: at one step
//! - `{"down": true, "times": 2}`: for the next two requests of each step; each step has its own
//!   counter
//! - `{"down": false}`: up again, at both steps or at the one in `at`

use axum::Json;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::target::JsonBody;
use super::{Problem, TargetSession};
use crate::present::present;
use crate::session::{Reach, Store, StoreStep};

/// A change of the store.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    down: bool,
    #[serde(default)]
    at: Steps,
    #[serde(default, deserialize_with = "present")]
    times: Option<u64>,
}

/// The steps that a change applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Steps {
    #[default]
    Both,
    Link,
    File,
}

impl Steps {
    fn includes(self, step: StoreStep) -> bool {
        match self {
            Self::Both => true,
            Self::Link => step == StoreStep::Link,
            Self::File => step == StoreStep::File,
        }
    }
}

pub(crate) async fn show(TargetSession(session): TargetSession) -> Json<Store> {
    Json(session.lock().store)
}

pub(crate) async fn change(
    TargetSession(session): TargetSession,
    JsonBody(change): JsonBody<Change>,
) -> Result<Json<Store>, Problem> {
    let reach = match (change.down, change.times) {
        (true, None) => Reach::Down,
        (true, Some(0)) => return Err(Problem::bad_request("`times` must be 1 or more")),
        (true, Some(times)) => Reach::DownFor(times),
        (false, None) => Reach::Up,
        (false, Some(_)) => return Err(Problem::bad_request("`times` needs `\"down\": true`")),
    };
    let mut state = session.lock();
    if change.at.includes(StoreStep::Link) {
        state.store.link = reach;
    }
    if change.at.includes(StoreStep::File) {
        state.store.file = reach;
    }
    let store = state.store;
    state.record_change(Timestamp::now(), "store", json!(store));
    Ok(Json(store))
}
