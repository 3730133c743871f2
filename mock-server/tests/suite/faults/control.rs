//! Rules at run time: made, shown, verified and taken away over the control API, each session its own.

use serde_json::json;

use crate::faults::wire::{Fake, LIST};

#[tokio::test]
async fn rules_are_made_shown_and_taken_away() {
    let fake = Fake::with(&[]).await;
    let made = fake.control("POST", "/faults", r#"{"when": {"times": 2}, "then": {"status": 503}}"#).await;
    let shown = json!({"name": "fault_1", "effect": "status", "times": 2, "matched": 0, "fired": 0});
    assert_eq!((made.status(), made.json()), (200, json!({"faults": [shown]})));
    let more = r#"[{"name": "slow", "then": {"latency": "1ms"}}, {"name": "off", "then": {"close": true}}]"#;
    assert_eq!(fake.control("POST", "/faults", more).await.json()["faults"].as_array().unwrap().len(), 3);
    assert_eq!(fake.get(LIST).await.status(), 503);
    assert_eq!(fake.counts(), [(1, 1), (0, 0), (0, 0)]);
    let left = fake.control("DELETE", "/faults/off", "").await.json();
    assert_eq!((left["faults"][1]["name"].as_str(), left["faults"].as_array().unwrap().len()), (Some("slow"), 2));
    let none = fake.control("DELETE", "/faults/off", "").await;
    assert_eq!(none.status(), 404);
    assert!(none.text().contains("`fault_1`, `slow`"), "{}", none.text());
    assert_eq!(fake.control("DELETE", "/faults", "").await.json(), json!({"faults": []}));
    assert_eq!(fake.get(LIST).await.status(), 200);
    assert_eq!(fake.control("GET", "/faults", "").await.json(), json!({"faults": []}));
}

#[tokio::test]
async fn a_list_is_appended_whole_or_not_at_all() {
    let fake = Fake::with(&["{name: one, then: {latency: 1ms}}"]).await;
    let twice = r#"[{"name": "two", "then": {"status": 503}}, {"name": "one", "then": {"status": 503}}]"#;
    let refused = fake.control("POST", "/faults", twice).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().contains("there is a rule `one` already"), "{}", refused.text());
    assert_eq!(fake.get(LIST).await.status(), 200);
    let many = format!("[{}]", vec![r#"{"then": {"close": true}}"#; 1_000].join(","));
    assert!(fake.control("POST", "/faults", &many).await.text().contains("1000 rules at most"));
}

#[tokio::test]
async fn verify_says_which_rule_was_not_consumed() {
    let fake = Fake::with(&["{name: twice, when: {times: 2}, then: {status: 503}}", "{then: {latency: 1ms}}"]).await;
    let is_reported = |text: &str| text.contains("`twice` (status) fired 1 times of 2 and matched 1 times");
    fake.get(LIST).await;
    let verdict = fake.control("GET", "/faults/verify", "").await;
    assert_eq!(verdict.status(), 409);
    assert_eq!(verdict.json()["error"]["code"], "faults_not_consumed");
    assert!(
        is_reported(&verdict.text()) && verdict.text().contains("`fault_2` (latency) fired 0 times"),
        "{}",
        verdict.text()
    );
    fake.get(LIST).await;
    let verdict = fake.control("GET", "/faults/verify", "").await;
    assert!(!verdict.text().contains("twice") && verdict.status() == 409, "{}", verdict.text());
    fake.get(LIST).await;
    let verdict = fake.control("GET", "/faults/verify", "").await;
    assert_eq!((verdict.status(), verdict.json()["faults"][1]["fired"].as_u64()), (200, Some(1)));
}

#[tokio::test]
async fn a_session_has_its_own_rules_and_a_reset_brings_them_back() {
    let fake = Fake::with(&[]).await;
    let opening = r#"{"faults": [{"name": "first", "when": {"times": 1}, "then": {"status": 503}}]}"#;
    let opened = fake.control("POST", "/sessions", opening).await.json();
    let (id, key) = (opened["id"].as_str().unwrap(), opened["keys"]["full"].as_str().unwrap());
    let list = async || {
        let key = format!("X-Partner-API-Key: {key}\r\n");
        let request = fake.request("GET", LIST, &key);
        let request = request.lines().filter(|line| !line.starts_with("Authorization")).collect::<Vec<_>>();
        let tcp = tokio::net::TcpStream::connect(fake.address()).await.unwrap();
        crate::faults::wire::talk(tcp, &format!("{}\r\n\r\n", request.join("\r\n").trim_end())).await.status()
    };
    assert_eq!((list().await, list().await, fake.get(LIST).await.status()), (503, 200, 200));
    fake.control("POST", &format!("/sessions/{id}/faults"), r#"{"then": {"status": 500}}"#).await;
    assert_eq!(list().await, 500);
    fake.control("POST", &format!("/sessions/{id}/reset"), "").await;
    assert_eq!((list().await, list().await), (503, 200));
    assert_eq!(fake.control("GET", &format!("/sessions/{id}/faults/verify"), "").await.status(), 200);
    let twice = r#"{"faults": [{"name": "a", "then": {"close": true}}, {"name": "a", "then": {"close": true}}]}"#;
    assert_eq!(fake.control("POST", "/sessions", twice).await.status(), 400);
}

#[tokio::test]
async fn rules_do_not_touch_the_control_api() {
    let fake = Fake::with(&["{then: {close: true}}"]).await;
    assert_eq!(fake.control("GET", "/health", "").await.status(), 200);
    assert_eq!(fake.counts(), [(0, 0)]);
}
