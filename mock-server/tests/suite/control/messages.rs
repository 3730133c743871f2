//! The messages of the control API speak of JSON, of queries and of names, and not of Rust.

use crate::support::http_client::http_client;
use crewpass_mock::MockServer;
use serde_json::Value;

/// The message of a refusal.
async fn refused(fake: &MockServer, method: &str, path: &str, body: &str) -> String {
    let url = format!("{}/__mock{path}", fake.base());
    let answer = http_client().request(method.parse().unwrap(), url).body(body.to_owned()).send().await.unwrap();
    assert_eq!(answer.status(), 400, "{path} {body}");
    let problem: Value = answer.json().await.unwrap();
    problem["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_body_that_is_valid_json_is_told_what_does_not_fit() {
    let fake = MockServer::builder().start().await.unwrap();
    for (path, body, expected) in [
        ("/store", r#"{"down": true, "at": null}"#, "null, expected one of `both`, `link`, `file` at line 1 column"),
        ("/store", r#"{"down": true, "at": "lnk"}"#, "; did you mean `link`?"),
        ("/store", r#"{"down": true, "at": 3}"#, "number `3`, expected one of `both`"),
        ("/crew/crew_001/documents/doc_1", r#"{"store": null}"#, "null, expected one of `up`, `down`"),
        ("/webhooks/alter", r#"{"alter": {"body": []}}"#, "array, expected one of `value`, `blanks`"),
    ] {
        let message = refused(&fake, "POST", path, body).await;
        assert!(message.starts_with("the body can't be used: ") && message.contains(expected), "{body}: {message}");
    }
    let message = refused(&fake, "POST", "/store", "{\"down\": }").await;
    assert!(message.starts_with("the body can't be read as JSON: "), "{message}");
}

#[tokio::test]
async fn a_callback_on_another_machine_is_refused_or_warned_of() {
    let fake = MockServer::builder().start().await.unwrap();
    for (url, expected) in [("http://192.0.2.1/x", "private network only"), ("http://10.0.0.1/x", "--callback-host")] {
        let body = format!(r#"{{"url": "{url}", "secret": "whsec_test"}}"#);
        let message = refused(&fake, "POST", "/webhooks/callbacks", &body).await;
        assert!(message.contains(expected), "{message}");
    }
    for (url, is_warned) in [("http://127.0.0.1:9/x", false), ("http://receiver.invalid/x", true)] {
        let body = serde_json::json!({"url": url, "secret": "whsec_test"});
        let request = http_client().post(format!("{}/__mock/webhooks/callbacks", fake.base())).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["warning"].is_string(), is_warned, "{answer}");
    }
}

#[tokio::test]
async fn a_query_is_told_what_to_write() {
    let fake = MockServer::builder().start().await.unwrap();
    for (query, expected) in [
        ("since=99999999999999999999", "`since` in the query: the number is too large"),
        ("since=x", "`since` in the query: write a whole number that is not negative"),
        ("limit=", "`limit` in the query: write a whole number that is not negative"),
        ("leaks=maybe", "`leaks` in the query: write `true` or `false`"),
        ("kind=exchnge", "`kind` in the query: `exchnge` is not a known value here; did you mean `exchange`?"),
        ("sinse=1", "unknown parameter `sinse`"),
    ] {
        let message = refused(&fake, "GET", &format!("/journal?{query}"), "").await;
        assert!(message.contains(expected), "{query}: {message}");
    }
}
