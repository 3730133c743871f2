//! The world of the examples with one field changed: the loader refuses it, or every answer is documented.

use std::collections::HashSet;

use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use reqwest::Client;
use serde_json::{Value, json};

use crate::document::described::Document;
use crate::document::examples::{document_of_world, places, read_example, retyped, with, without};
use crate::document::partner_examples::world_json;
use crate::document::served::answered;
use crate::support::http_client::http_client;

/// The requests of all examples.
const REQUESTS: [(&str, &str, Option<&str>); 8] = [
    ("GET", "/api/v2/partners/me", None),
    ("GET", "/api/v2/employers/me/vessels", None),
    ("GET", "/api/v2/employers/me/fleet", None),
    ("POST", "/api/v2/employers/me/crew/lookup", Some(r#"{"email": "marina.kovac@example.invalid"}"#)),
    ("GET", "/api/v2/employers/me/crew/crew_001/profile", None),
    ("POST", "/api/v2/employers/me/crew/crew_001/compliance-checks", Some("{}")),
    ("GET", "/api/v2/employers/me/crew/crew_001/documents", None),
    ("GET", "/api/v2/employers/me/crew/crew_001/documents/doc_1/download", None),
];

/// The world of the examples, which also gives the compliance check itself, and has the document of the list and the link.
pub(crate) fn whole_world() -> Value {
    let mut world = world_json();
    let mut check = read_example("compliance");
    check.as_object_mut().unwrap().remove("crew_unique_id");
    let person = &mut world["crew"][0];
    person["details"]["compliance"] = check;
    person["documents"] = json!([document_of_world()]);
    world
}

/// What answers are checked by, and those that were found right.
struct Checker {
    client: Client,
    strict: Document,
    known: HashSet<(&'static str, u16, Vec<u8>)>,
}

impl Checker {
    /// Serves a world, and returns the statuses, or what is not documented.
    async fn statuses(&mut self, world: World) -> Result<Vec<u16>, String> {
        let start = "2026-06-08T10:00:00Z".parse().unwrap();
        let fake = MockServer::builder().world(world).frozen_at(start).start().await.unwrap();
        let key = fake.key().map(|key| ("authorization", format!("Bearer {key}")));
        let mut statuses = Vec::new();
        for (method, path, body) in REQUESTS {
            let answer = answered(&self.client, &fake, method, path, key.as_slice(), body).await;
            statuses.push(answer.status);
            if !self.known.insert((path, answer.status, answer.body.clone())) {
                continue;
            }
            let response = self.strict.response(method, self.strict.path_of(path), answer.status);
            let response = response.ok_or_else(|| format!("{path}: {}", answer.status))?;
            let is_taken = self.strict.accepts(response, &answer, false);
            is_taken.map_err(|error| format!("{path}: {error}: {}", String::from_utf8_lossy(&answer.body)))?;
        }
        Ok(statuses)
    }
}

#[tokio::test]
async fn the_loader_takes_nothing_that_is_served_otherwise_than_documented() {
    let mut checker = Checker { client: http_client(), strict: Document::read().strict(), known: HashSet::new() };
    let whole = whole_world();
    let parse = |world: &Value| World::parse(&world.to_string(), "changed", None).ok();
    assert_eq!(checker.statuses(parse(&whole).unwrap()).await, Ok(vec![200; REQUESTS.len()]));
    let mut refused = 0;
    for place in places(&whole) {
        let value = whole.pointer(&place).unwrap();
        for other in retyped(value).into_iter().filter(|_| !value.is_null()) {
            let changed = parse(&with(&whole, &place, other.clone()));
            // In YAML, what stands where a text is wanted is one, unless it is a list or a map.
            let is_text = value.is_string() && !other.is_array() && !other.is_object();
            assert!(changed.is_none() || is_text, "{place} may be {other}");
            refused += usize::from(changed.is_none());
        }
        if value.is_object() {
            let mut more = whole.clone();
            more.pointer_mut(&place).unwrap()["more"] = json!("not documented");
            assert!(parse(&more).is_none(), "a field may be added at {place}");
        }
        let nulled = with(&whole, &place, Value::Null);
        for changed in [Some(nulled), without(&whole, &place)].into_iter().flatten() {
            let Some(world) = parse(&changed) else { continue };
            if let Err(error) = checker.statuses(world).await {
                panic!("{place}: {error}");
            }
        }
    }
    assert!(refused > 350, "only {refused} were refused");
}
