//! The examples of the other endpoints with one field changed: the loader refuses it, or what is served is documented.

use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use serde_json::{Value, json};

use crate::document::described::Document;
use crate::document::examples::{places, read_example, retyped, with, without};
use crate::document::partner_examples::world_json;
use crate::support::http_client::http_client;

/// The place in the world of what a person's endpoints show.
const DETAILS: &str = "/crew/0/details";

/// The world of the examples, which also gives the compliance check itself.
fn given_world() -> Value {
    let mut world = world_json();
    let mut check = read_example("compliance");
    check.as_object_mut().unwrap().remove("crew_unique_id");
    world.pointer_mut(DETAILS).unwrap()["compliance"] = check;
    world
}

/// What is wrong with the profile and the compliance check of a world.
async fn undocumented(world: World) -> Option<String> {
    let start = "2026-06-08T10:00:00Z".parse().unwrap();
    let fake = MockServer::builder().world(world).frozen_at(start).start().await.unwrap();
    let url = |path: &str| format!("{}/api/v2/employers/me/crew/crew_001/{path}", fake.base());
    let strict = Document::read().strict();
    for (schema, request) in [
        ("Profile", http_client().get(url("profile"))),
        ("ComplianceCheck", http_client().post(url("compliance-checks")).json(&json!({}))),
    ] {
        let answer = request.bearer_auth(fake.key().unwrap()).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        if let Err(error) = strict.validate(&schema, &answer) {
            return Some(format!("{error:?}: {answer}"));
        }
    }
    None
}

#[tokio::test]
async fn the_loader_takes_nothing_that_is_served_otherwise_than_documented() {
    let whole = given_world();
    let parse = |world: &Value| World::parse(&world.to_string(), "changed", None).ok();
    assert_eq!(undocumented(parse(&whole).unwrap()).await, None);
    let mut refused = 0;
    for place in places(whole.pointer(DETAILS).unwrap()).into_iter().map(|place| format!("{DETAILS}{place}")) {
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
            assert_eq!(undocumented(world).await, None, "{place}");
        }
    }
    assert!(refused > 150, "only {refused} were refused");
}
