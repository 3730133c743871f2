//! `/__mock/vessels/{id}`: change what people read of a vessel: `{"name": "M/Y Aurora", "flag": "Malta", "type": null,
//! "imo": "9074729"}`. Fields that are left out stay unchanged, and null removes one but the name. The response has the
//! vessel after the change.

use axum::Json;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::target::{KeptBody, PathParams};
use super::{Problem, TargetSession};
use crate::session::{VesselChange, VesselError};

pub(crate) async fn change(
    TargetSession(session): TargetSession,
    path: PathParams,
    KeptBody(change, length): KeptBody<VesselChange>,
) -> Result<Json<Value>, Problem> {
    let mut state = session.lock();
    let _reserved = state.reserve(length)?;
    let vessel = json!(state.change_vessel(path.get("vessel"), change)?);
    state.record_change(Timestamp::now(), "vessel", vessel.clone());
    Ok(Json(vessel))
}

impl From<VesselError> for Problem {
    fn from(error: VesselError) -> Self {
        match error {
            VesselError::Unknown(_) => Self::not_found(error.to_string()),
            VesselError::Nothing | VesselError::Imo(_) => Self::bad_request(error.to_string()),
        }
    }
}
