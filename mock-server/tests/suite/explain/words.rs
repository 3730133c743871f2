//! What is said: why, and the nearest world in which it would pass, as a text of 80 columns.

use crewpass_mock::MockServer;
use serde_json::json;

use crate::explain::ask::{CREW, agree, get};
use crate::support::http_client::http_client;

async fn fake() -> MockServer {
    MockServer::builder().frozen_at("2026-06-08T10:00:00Z".parse().unwrap()).start().await.unwrap()
}

/// The text for a request with the key of that name.
async fn text(fake: &MockServer, key: &str, target: &str) -> String {
    let key = fake.key_of(key).unwrap_or_else(|| key.to_owned());
    let target = if target.starts_with("/api/") { target.to_owned() } else { format!("{CREW}{target}") };
    let query = [("target", target), ("key", key)];
    let request = http_client().get(format!("{}/__mock/explain", fake.base())).query(&query);
    request.header("accept", "text/plain").send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn each_refusal_in_words() {
    let fake = fake().await;
    let mut all = String::new();
    for (key, target) in [
        ("full", "/crew_003/documents"),
        ("full", "/crew_900/documents"),
        ("full", "/crew_02/documents"),
        ("full", "/crew_002/documents"),
        ("full", "/crew_001/documents/doc_0/download"),
        ("full", "/crew_001/documents/doc_20/download"),
        ("full", "/crew_001/documents/"),
        ("full", "/crew_001/document"),
        ("no_download", "/crew_001/documents/doc_1/download"),
        ("wrong_mode", "/crew_001/documents"),
        ("no_plan", "/crew_001/documents"),
        ("revoked", "/crew_001/documents"),
        ("cppk_0123456789", "/crew_001/documents"),
        ("cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a26", "/crew_001/documents"),
        ("full", "/cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25/documents"),
    ] {
        all = format!("{all}==== {}\n{}\n", &key[..key.len().min(14)], text(&fake, key, target).await);
    }
    for line in all.lines().filter(|line| !line.starts_with("  > ") && !line.starts_with("GET ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let secret = "51aeb0fc9d2247e8b6d03c74e19f8a2";
    let shown: Vec<_> = all.lines().filter(|line| line.contains(secret) && !line.starts_with("====")).collect();
    assert!(shown.is_empty(), "a key is shown: {shown:?}");
    insta::assert_snapshot!("refusals", all);
}

#[tokio::test]
async fn a_rule_that_would_fire_is_told_and_not_counted() {
    let (fake, client) = (fake().await, http_client());
    let rules = json!([
        {"name": "late", "match": {"step": "list"}, "then": {"malformed": true}},
        {"name": "away", "match": {"step": "me"}, "when": {"times": 1}, "then": {"status": {"code": 503}}},
    ]);
    let added = client.post(format!("{}/__mock/faults", fake.base())).json(&rules).send().await.unwrap();
    assert_eq!(added.status(), 200, "{}", added.text().await.unwrap());
    let report = agree(&client, &fake, &get(&format!("{CREW}/crew_001/documents"), fake.key().as_deref())).await;
    assert_eq!((&report["decided_by"], &report["faults"]), (&json!("served"), &json!(["late"])));
    let asked = get("/api/v2/partners/me", fake.key().as_deref());
    for _ in 0..2 {
        let report = crate::explain::ask::explained(&client, &fake, "", &asked).await;
        assert_eq!(
            (&report["decided_by"], &report["status"], &report["faults"]),
            (&json!("fault"), &json!(503), &json!(["away"]))
        );
    }
    assert_eq!(crate::explain::ask::answered(&client, &fake, &asked).await.0, 503);
    assert_eq!(agree(&client, &fake, &asked).await["decided_by"], "served");
}

#[tokio::test]
async fn a_refused_cursor_is_explained_by_its_cause_and_only_by_what_helps() {
    const FLEET: &str = "/api/v2/employers/me/fleet";
    let (fake, client) = (fake().await, http_client());
    let set = async |path: &str, body: serde_json::Value| {
        let answer = client.post(format!("{}/__mock{path}", fake.base())).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{body}");
    };
    let page = client.get(format!("{}{FLEET}?limit=1", fake.base())).bearer_auth(fake.key().unwrap());
    let page: serde_json::Value = page.send().await.unwrap().json().await.unwrap();
    let cursor = page["next_cursor"].as_str().unwrap();
    let explained = async |target: String| agree(&client, &fake, &get(&target, fake.key().as_deref())).await;
    let begin = "begin with the first page, without a cursor";

    let forged = explained(format!("{FLEET}?cursor={cursor}x")).await;
    assert_eq!(forged["why"], "The cursor was changed, or is of another partner or session.");
    assert_eq!(forged["would_pass"], json!([begin]));

    set("/policies", json!({"cursor_query": "repeat", "cursor_ttl": "15m"})).await;
    let other = format!("{FLEET}?cursor={cursor}&include_documents_expiring_within_days=7");
    let repeated = explained(other.clone()).await;
    assert_eq!(repeated["would_pass"], json!([begin, "crewpass-mock ctl policies set cursor_query=carried"]));

    set("/clock", json!({"advance": "16m"})).await;
    let late = explained(other.clone()).await;
    let both = "crewpass-mock ctl policies set cursor_ttl=never cursor_query=carried";
    assert_eq!(late["would_pass"], json!([begin, both]));
    set("/policies", json!({"cursor_query": "carried", "cursor_ttl": "never"})).await;
    assert_eq!(explained(other.clone()).await["decided_by"], "served");

    set("/policies", json!({"cursor_ttl": "15m"})).await;
    set("/reset", json!({})).await;
    assert_eq!(explained(other).await["would_pass"], json!([begin]));
}

#[tokio::test]
async fn what_can_not_be_asked_is_told() {
    let fake = fake().await;
    for query in [
        "",
        "?target=api",
        "?target=/__mock/store",
        "?target=/api/v2&method=G%20T",
        "?target=/&key=%0a",
        "?target=/&partner_key=%C3%A9",
    ] {
        let answer = http_client().get(format!("{}/__mock/explain{query}", fake.base())).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
    }
    let answer = http_client().get(format!("{}/__mock/explain", fake.base())).send().await.unwrap();
    let message = answer.json::<serde_json::Value>().await.unwrap()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("`target` is missing: write /__mock/explain?target=/api/v2/"), "{message}");
    // A request of the journal needs none.
    let own = http_client().get(format!("{}/api/v2/partners/me", fake.base())).send().await.unwrap();
    assert_eq!(own.status(), 401);
    let seq = fake.session().exchanges().last().unwrap().seq;
    let answer = http_client().get(format!("{}/__mock/explain?entry={seq}", fake.base())).send().await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["decided_by"], "key");
}
