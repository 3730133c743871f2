//! Scenarios about one person, adapted to the task `fleet`: that person is the only one on the fleet, so that walking it
//! leads to the same requests.

use serde_json::{Value, json};

use super::model::Scenario;
use crate::client::task::Task;

/// The beginning of the id of each adapted scenario.
const PREFIX: &str = "fleet/";

/// The version of the catalogue that brought the task `fleet`.
const SINCE: u32 = 2;

/// The scopes that a walk of the fleet needs.
const SCOPES: [&str; 2] = ["vessels:fleet:read", STATUS];

/// The scope of the status fields of a row, to which the person consents, too: no row differs from a friendly one.
const STATUS: &str = "crew:status:read";

impl Scenario {
    /// Returns the id that a scenario has in the task `fleet`.
    pub fn adapted_id(id: &str) -> String {
        format!("{PREFIX}{id}")
    }

    /// Returns the scenario as it is played in the task `fleet`; `None` if it is written for that task, or left out there.
    pub(super) fn adapted(&self) -> Option<Self> {
        let is_played = self.task == Task::Documents && self.not_in_fleet.is_none();
        is_played.then(|| Self {
            id: Self::adapted_id(&self.id),
            task: Task::Fleet,
            since: self.since.max(SINCE),
            twin: self.twin.as_deref().map(Self::adapted_id),
            is_adapted: true,
            ..self.clone()
        })
    }
}

/// Returns a world in which one person is on the fleet of the partner with this key, and nobody else.
pub(crate) fn with_one_person(mut world: Value, crew_id: &str, key: &str) -> Value {
    let Some(partner) = grant_fleet(&mut world, key) else { return world };
    let vessel = vessel_of(&mut world, &partner);
    for person in list_of(&mut world, "crew").filter_map(Value::as_object_mut) {
        let is_wanted = person.get("id").is_some_and(|id| id == crew_id);
        let vessels = if is_wanted { json!([vessel]) } else { json!([]) };
        person.insert("vessels".to_owned(), vessels);
        let consent = person.get_mut("consent").and_then(|consent| consent.get_mut(&partner));
        if let Some(consent) = consent.filter(|_| is_wanted) {
            add_texts(consent, &[STATUS]);
        }
    }
    world
}

/// Grants the scopes of a walk to the partner that has a key, and to the key. Returns the partner's id.
fn grant_fleet(world: &mut Value, key: &str) -> Option<String> {
    let mut partners = list_of(world, "partners");
    partners.find_map(|partner| {
        let known = list_of(partner, "keys").find(|known| known["name"] == key)?;
        if let Some(narrowed) = known.get_mut("granted_scopes") {
            add_texts(narrowed, &SCOPES);
        }
        add_texts(&mut partner["granted_scopes"], &SCOPES);
        partner["id"].as_str().map(str::to_owned)
    })
}

/// Returns the id of the first vessel on a partner's fleet. A fleet without vessels gets one.
fn vessel_of(world: &mut Value, partner: &str) -> String {
    let is_theirs = |vessel: &&Value| {
        let partners = vessel["partners"].as_array();
        partners.is_some_and(|partners| partners.iter().any(|known| known == partner))
    };
    let theirs = world["vessels"].as_array().and_then(|vessels| vessels.iter().find(is_theirs));
    if let Some(id) = theirs.and_then(|vessel| vessel["id"].as_str()) {
        return id.to_owned();
    }
    let id = "ves_of_the_fleet";
    let vessel = json!({"id": id, "name": "M/Y Halcyon", "partners": [partner]});
    match &mut world["vessels"] {
        Value::Array(all) => all.push(vessel),
        none => *none = json!([vessel]),
    }
    id.to_owned()
}

/// Returns the entries of a list in an object.
fn list_of<'v>(within: &'v mut Value, name: &str) -> impl Iterator<Item = &'v mut Value> {
    within.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

/// Adds the texts that a list does not have.
fn add_texts(list: &mut Value, texts: &[&str]) {
    let mut all = list.as_array().cloned().unwrap_or_default();
    for text in texts {
        if !all.iter().any(|known| known == text) {
            all.push(json!(text));
        }
    }
    *list = Value::Array(all);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(rest: &str) -> Scenario {
        let text = format!("title: t\nworld: three\ntwin: plain/three-documents\n{rest}");
        Scenario { id: "a/b".to_owned(), ..crewpass_diagnostics::read_yaml("s.yaml", &text).unwrap() }
    }

    #[test]
    fn a_scenario_about_one_person_is_played_in_the_task_fleet_unless_it_says_why_not() {
        let adapted = scenario("").adapted().unwrap();
        assert_eq!((adapted.id.as_str(), adapted.task, adapted.since), ("fleet/a/b", Task::Fleet, 2));
        assert_eq!((adapted.twin.as_deref(), adapted.is_adapted), (Some("fleet/plain/three-documents"), true));
        assert_eq!(scenario("since: 3").adapted().unwrap().since, 3);
        for left_out in ["not_in_fleet: a reason", "task: fleet"] {
            assert_eq!(scenario(left_out).adapted(), None, "{left_out}");
        }
    }

    #[test]
    fn one_person_is_left_on_the_fleet() {
        let world = json!({
            "partners": [
                {"id": "prt_1", "keys": [{"name": "other"}]},
                {"id": "prt_2", "granted_scopes": ["crew:documents:read"],
                 "keys": [{"name": "full", "granted_scopes": ["crew:documents:read"]}]},
            ],
            "vessels": [{"id": "ves_1", "partners": ["prt_1"]}, {"id": "ves_2", "partners": ["prt_1", "prt_2"]}],
            "crew": [
                {"id": "crew_001", "vessels": ["ves_1"], "consent": {"prt_2": ["crew:documents:read"]}},
                {"id": "crew_002", "vessels": ["ves_2"]},
            ],
        });
        let granted = json!(["crew:documents:read", "vessels:fleet:read", "crew:status:read"]);
        let adapted = with_one_person(world.clone(), "crew_001", "full");
        assert_eq!(adapted["partners"][0], world["partners"][0]);
        assert_eq!(adapted["partners"][1]["granted_scopes"], granted);
        assert_eq!(adapted["partners"][1]["keys"][0]["granted_scopes"], granted);
        assert_eq!(adapted["vessels"], world["vessels"]);
        assert_eq!(adapted["crew"][0]["vessels"], json!(["ves_2"]));
        assert_eq!(adapted["crew"][0]["consent"]["prt_2"], json!(["crew:documents:read", "crew:status:read"]));
        assert_eq!(adapted["crew"][1]["vessels"], json!([]));
    }

    #[test]
    fn a_fleet_without_vessels_gets_one() {
        let world = json!({"partners": [{"id": "prt_1", "keys": [{"name": "full"}]}], "crew": [{"id": "crew_001"}]});
        let adapted = with_one_person(world, "crew_001", "full");
        assert_eq!(adapted["crew"][0]["vessels"][0], adapted["vessels"][0]["id"]);
        assert_eq!(adapted["vessels"][0]["partners"], json!(["prt_1"]));
    }
}
