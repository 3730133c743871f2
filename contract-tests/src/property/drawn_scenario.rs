//! What every drawn scenario has, in either task: one partner with one key, the real clock, and no trap.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::scenario::{BaseForm, Clock, HeaderNames, RightExit, RunPlan, Scenario};
use crate::client::task::Task;

/// The deadline in the environment of the client. A client that keeps it ends soon the many cases that only end by a limit.
const CLIENT_DEADLINE: &str = "8s";

/// Returns a scenario in which nothing was drawn yet but its world.
pub(super) fn drawn_scenario(world: Value, crew_id: String) -> Scenario {
    Scenario {
        task: Task::default(),
        since: 1,
        id: "property/drawn".to_owned(),
        title: String::new(),
        provokes: Vec::new(),
        twin: None,
        only: false,
        off_contract: false,
        world,
        crew_id,
        not_in_fleet: None,
        is_adapted: false,
        key: "full".to_owned(),
        policies: BTreeMap::new(),
        vary: BTreeMap::new(),
        faults: Vec::new(),
        clock: Clock::Real,
        base: BaseForm::default(),
        certificate: None,
        second_certificate: None,
        header_names: HeaderNames::default(),
        traps: Vec::new(),
        second_is_ours: false,
        runs: vec![RunPlan::default()],
        right_exit: RightExit::Saved,
        met: Vec::new(),
        deadline: None,
        client_deadline: Some(CLIENT_DEADLINE.to_owned()),
    }
}

/// Returns the world of a partner with these scopes.
pub(super) fn drawn_world(scopes: &[&str], vessels: &Value, crew: &[Value]) -> Value {
    json!({
        "name": "drawn",
        "seed": 1,
        "partners": [{
            "id": "prt_1", "type": "customer", "plan": "management", "granted_scopes": scopes,
            "keys": [{"name": "full"}],
        }],
        "vessels": vessels,
        "crew": crew,
    })
}
