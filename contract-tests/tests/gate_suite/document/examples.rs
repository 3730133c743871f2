//! The guide's own examples: the document takes them and nothing that differs from them by a field, a fake serves them
//! from a world that says the same, and the judges read them as what they are.

use crewpass_contract::client::judge::{Verdict, judge_of};
use crewpass_contract::client::witness::Step;
use crewpass_mock::MockServer;
use crewpass_mock::world::{Document as OfWorld, World};
use serde_json::{Value, json};

use crate::document::described::Document;
use crate::support::case_builder::{CaseBuilder, LIST, file_path, link_path};
use crate::support::http_client::http_client;

/// Returns an example.
pub(crate) fn read_example(name: &str) -> Value {
    let path = format!("{}/../fixtures/contract/examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// An example with the schema that it is one of.
fn example(name: &str) -> (Value, Value) {
    let schema = if name == "list" { "DocumentList" } else { "DownloadLink" };
    let reference = format!("#/components/schemas/{schema}");
    (read_example(name), json!({"$ref": reference}))
}

/// The place of everything in a value, as JSON pointers, the whole left out.
pub(crate) fn places(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("/{name}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (format!("/{at}"), value)).collect(),
        _ => Vec::new(),
    };
    let below = |(at, value): (String, &Value)| {
        let further = places(value).into_iter().map(|place| format!("{at}{place}")).collect::<Vec<_>>();
        std::iter::once(at).chain(further)
    };
    inner.into_iter().flat_map(below).collect()
}

/// The example with one place changed.
pub(crate) fn with(example: &Value, place: &str, value: Value) -> Value {
    let mut changed = example.clone();
    *changed.pointer_mut(place).unwrap() = value;
    changed
}

/// The example with one field gone; `None` where the place is no field.
pub(crate) fn without(example: &Value, place: &str) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let mut changed = example.clone();
    changed.pointer_mut(parent).unwrap().as_object_mut()?.remove(name);
    Some(changed)
}

/// Every value of another type; null is told apart.
pub(crate) fn retyped(value: &Value) -> Vec<Value> {
    let all = [json!(7), json!("a text"), json!(true), json!(["doc_1"]), json!({"document_id": "doc_1"})];
    let kind = std::mem::discriminant(value);
    all.into_iter().filter(|other| std::mem::discriminant(other) != kind).collect()
}

#[test]
fn the_document_takes_the_guides_examples() {
    let document = Document::read();
    for (name, path) in [("list", LIST.to_owned()), ("link", link_path("doc_1"))] {
        let (example, schema) = example(name);
        document.validate(&schema, &example).unwrap();
        document.strict().validate(&schema, &example).unwrap();
        let response = document.response("GET", document.path_of(&path), 200).unwrap();
        assert_eq!(response["content"]["application/json"]["example"], example, "openapi.yaml shows another {name}");
        assert_eq!(response["content"]["application/json"]["schema"], schema);
    }
}

#[test]
fn nothing_that_differs_by_a_field_is_taken() {
    let strict = Document::read().strict();
    let (mut dropped, mut nulled, mut tried) = (Vec::new(), Vec::new(), 0);
    for name in ["list", "link"] {
        let (example, schema) = example(name);
        let is_taken = |value: &Value| strict.validate(&schema, value).is_ok();
        for place in places(&example) {
            let value = example.pointer(&place).unwrap();
            if without(&example, &place).is_some_and(|changed| is_taken(&changed)) {
                dropped.push(place.clone());
            }
            if is_taken(&with(&example, &place, Value::Null)) {
                nulled.push(place.clone());
            }
            for other in retyped(value) {
                tried += 1;
                assert!(!is_taken(&with(&example, &place, other.clone())), "{name}: {place} may be {other}");
            }
        }
        let objects = places(&example).into_iter().chain([String::new()]);
        for place in objects.filter(|place| example.pointer(place).unwrap().is_object()) {
            let mut more = example.clone();
            more.pointer_mut(&place).unwrap()["more"] = json!("not documented");
            assert!(!is_taken(&more), "{name}: a field may be added at `{place}`");
            assert!(Document::read().validate(&schema, &more).is_ok(), "{name}: no field may be added at `{place}`");
        }
    }
    assert!(tried > 60, "only {tried} were tried");
    // The page of the link says that these two need not be there (P).
    assert_eq!(dropped, ["/content_type", "/file_name"]);
    // `issuer` (G), the two of the link (P), and what policy `nullable` and the fixtures null (D).
    let of_item = ["category", "document_number", "expiry_date", "issue_date", "issuer"];
    let of_item: Vec<String> = of_item.iter().map(|field| format!("/items/0/{field}")).collect();
    assert_eq!(nulled, [of_item, vec!["/content_type".into(), "/file_name".into()]].concat());
}

#[test]
fn texts_of_another_form_are_not_taken() {
    let strict = Document::read().strict();
    for (name, place, values) in [
        ("list", "/items/0/verification_status", &["Verified", "unknown", ""][..]),
        ("list", "/items/0/issue_date", &["2023-3-1", "01/03/2023", "2023-02-30", "2023-03-01T00:00:00Z", ""]),
        ("list", "/items/0/document_id", &[""]),
        ("list", "/crew_unique_id", &[""]),
        ("link", "/expires_at", &["2026-06-08", "2026-06-08T10:15:00", "2026-06-08T10:15:00+02:00", "900", ""]),
        ("link", "/download_url", &["", "eyJ…", "/api/v2/files/eyJ…", "https://store.example/bucket/pst.pdf?sig=1"]),
    ] {
        let (example, schema) = example(name);
        for value in values {
            assert!(
                strict.validate(&schema, &with(&example, place, json!(value))).is_err(),
                "{place} may be `{value}`"
            );
        }
    }
}

/// The guide's item as a world writes it.
pub(crate) fn document_of_world() -> Value {
    let (list, link) = (example("list").0, example("link").0);
    let mut document = list["items"][0].clone();
    document["id"] = document.as_object_mut().unwrap().remove("document_id").unwrap();
    document["file"] = json!({"generate": "pdf", "name": link["file_name"], "content_type": link["content_type"]});
    document
}

#[tokio::test]
async fn a_world_that_says_the_same_is_served_as_the_guide_shows_it() {
    let read: OfWorld = serde_json::from_value(document_of_world()).unwrap();
    assert_eq!(read.title, "Personal Survival Techniques".into());
    let scopes = json!(["crew:documents:read", "crew:documents:download"]);
    let world = json!({
        "partners": [{"id": "prt_1", "granted_scopes": scopes, "keys": [{"name": "full"}]}],
        "vessels": [{"id": "ves_1", "name": "M/Y Example", "partners": ["prt_1"]}],
        "crew": [{
            "id": "crew_001", "vessels": ["ves_1"], "consent": {"prt_1": scopes}, "documents": [document_of_world()],
        }],
    });
    let world = World::parse(&world.to_string(), "guide", None).unwrap();
    let start = "2026-06-08T10:00:00Z".parse().unwrap();
    let fake = MockServer::builder().world(world).frozen_at(start).start().await.unwrap();
    let client = http_client();
    let get = async |path: &str| -> Value {
        let request = client.get(format!("{}{path}", fake.base())).bearer_auth(fake.key().unwrap());
        request.send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(get(LIST).await, example("list").0);
    let (mut link, shown) = (get(&link_path("doc_1")).await, example("link").0);
    assert!(link["download_url"].as_str().unwrap().starts_with(&format!("{}/api/v2/files/eyJ", fake.base())));
    link["download_url"] = shown["download_url"].clone();
    assert_eq!(link, shown);
}

/// A client that lists, asks for a link and follows it, where the server answers with these.
pub(crate) fn story(list: Value, link: Value, target: &str) -> CaseBuilder {
    let story = CaseBuilder::new("").fresh().with(|case| case.runs[0].current.truncate(1));
    story.asks(LIST, 200, Some(list)).asks(&link_path("doc_1"), 200, Some(link)).asks(target, 200, None).saves("doc_1")
}

#[test]
fn the_judges_read_the_examples_as_what_they_are() {
    let (list, link) = (example("list").0, example("link").0);
    let url = link["download_url"].as_str().unwrap();
    assert_eq!(Step::from_target(url), Step::File { token: "eyJ…".into() });
    // The guide shortens its token; here it has one whole.
    let target = file_path("doc_1", 0);
    let whole = with(&link, "/download_url", json!(format!("http://127.0.0.1:4000{target}")));
    let judged = |id: &str, story: CaseBuilder| judge_of(id).unwrap()(&story.case);
    let as_shown = || story(list.clone(), whole.clone(), &target);
    for id in ["CPK-AUTH-01", "CPK-AUTH-02", "CPK-LIST-01", "CPK-LINK-01", "CPK-FILE-03"] {
        let verdict = judged(id, as_shown());
        assert!(matches!(verdict, Verdict::Pass(_)), "{id}: {verdict:?}");
    }
    // Neither is empty, of somebody else, without a link, or for another document.
    for (id, other_list, other_link) in [
        ("CPK-LIST-05", with(&list, "/items", json!([])), whole.clone()),
        ("CPK-LIST-07", with(&list, "/crew_unique_id", json!("crew_002")), whole.clone()),
        ("CPK-LINK-10", list.clone(), without(&whole, "/download_url").unwrap()),
        ("CPK-LINK-09", list.clone(), with(&whole, "/document_id", json!("doc_2"))),
    ] {
        let verdict = judged(id, as_shown());
        assert!(matches!(verdict, Verdict::NotExercised(_)), "{id} of the example: {verdict:?}");
        let verdict = judged(id, story(other_list, other_link, &target));
        assert!(!matches!(verdict, Verdict::NotExercised(_)), "{id} of another one: {verdict:?}");
    }
}
