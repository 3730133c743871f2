//! HAR 1.2 as other programs read it.

use serde_json::{Value, json};

use crate::support::fake::Fake;

async fn har(fake: &Fake) -> Value {
    let answer = fake.control("GET", "/journal.har", "").await;
    assert!(answer.header("content-disposition").unwrap().contains(".har"));
    answer.json()
}

#[tokio::test]
async fn it_says_what_a_network_panel_shows() {
    let fake = Fake::start(&["file_redirect=302"]).await;
    fake.list("crew_001").await;
    fake.ask("GET", "/api/v2/partners/me?a=1&b=x%20y", "Cookie: sid=1; lang=en\r\n").await;
    let link = fake.link("doc_1").await;
    fake.follow(&link).await;
    fake.done("POST", "/clock", r#"{"advance": "1s"}"#).await;
    let archive = har(&fake).await;
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &archive["log"]["creator"]["name"]), (4, &json!("crewpass-mock")));
    let asked = &entries[1]["request"];
    assert_eq!(asked["url"], "http://fake.test/api/v2/partners/me?a=1&b=x%20y");
    assert_eq!(asked["queryString"], json!([{"name": "a", "value": "1"}, {"name": "b", "value": "x y"}]));
    assert_eq!(asked["cookies"], json!([{"name": "sid", "value": "1"}, {"name": "lang", "value": "en"}]));
    let text = entries[2]["response"]["content"]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap()["document_id"], "doc_1");
    let moved = &entries[3]["response"];
    assert_eq!((&moved["status"], &moved["statusText"]), (&json!(302), &json!("Found")));
    assert!(moved["redirectURL"].as_str().unwrap().starts_with("http://fake.test/api/v2/files/eyJ…"), "{moved}");
}

/// The fields that the specification wants in every entry, of these types.
#[tokio::test]
async fn every_entry_has_what_har_asks_for() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await;
    fake.list("crew_003").await;
    let archive = har(&fake).await;
    let pairs = json!({"type": "array", "items": {
        "type": "object", "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    }});
    let message = |more: Value| {
        let mut properties = json!({
            "httpVersion": {"type": "string"}, "cookies": pairs, "headers": pairs,
            "headersSize": {"type": "integer"}, "bodySize": {"type": "integer"},
        });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let schema = json!({"type": "object", "required": ["log"], "properties": {"log": {
        "type": "object",
        "required": ["version", "creator", "entries"],
        "properties": {"version": {"const": "1.2"}, "entries": {"type": "array", "minItems": 2, "items": {
            "type": "object",
            "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
            "properties": {
                "startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
                "time": {"type": "number", "minimum": 0},
                "cache": {"type": "object"},
                "connection": {"type": "string"},
                "timings": {"type": "object", "required": ["send", "wait", "receive"], "additionalProperties": {
                    "type": "number", "minimum": 0,
                }},
                "request": message(json!({
                    "method": {"type": "string"}, "url": {"type": "string", "pattern": "^http"}, "queryString": pairs,
                })),
                "response": message(json!({
                    "status": {"type": "integer"}, "statusText": {"type": "string"}, "redirectURL": {"type": "string"},
                    "content": {"type": "object", "required": ["size", "mimeType"]},
                })),
            },
        }}},
    }}});
    let problems: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&archive).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
}
