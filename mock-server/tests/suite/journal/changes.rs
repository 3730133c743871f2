//! What a test does to the fake stands in the journal between what was asked, in the order in which it happened.

use serde_json::json;

use crate::journal::reading::{each, journal};
use crate::support::fake::Fake;

#[tokio::test]
async fn every_change_has_its_entry() {
    let fake = Fake::start(&[]).await;
    let changes = [
        ("POST", "/clock", r#"{"advance": "16m"}"#, "clock"),
        ("POST", "/store", r#"{"down": true, "times": 1}"#, "store"),
        ("POST", "/policies", r#"{"dead_link": "410"}"#, "policies"),
        ("POST", "/partners/prt_123", r#"{"granted_scopes": []}"#, "partner"),
        ("POST", "/keys/other", r#"{"revoked": true}"#, "key"),
        ("POST", "/crew/crew_001", r#"{"vessels": []}"#, "crew"),
        ("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "rejected"}"#, "document"),
        ("POST", "/crew/crew_001/documents?supersedes=doc_1", "new bytes", "upload"),
        ("DELETE", "/crew/crew_001/documents/doc_u1", "", "remove"),
        ("POST", "/reset", "", "reset"),
    ];
    for (method, path, body, _) in changes {
        fake.done(method, path, body).await;
    }
    let page = journal(&fake, "").await;
    assert_eq!(each(&page, "change"), changes.map(|(.., topic)| topic));
    assert!(each(&page, "kind").iter().all(|kind| kind == "change"));
    let detail = each(&page, "detail");
    assert_eq!(detail[0], json!({"now": "2026-06-08T10:16:00Z", "frozen": true}));
    assert_eq!(detail[2], json!({"dead_link": "410"}), "only what was set");
    assert_eq!(detail[7], json!({"crew": "crew_001", "document_id": "doc_u1", "supersedes": "doc_1"}));
    assert_eq!(detail[8], json!({"crew": "crew_001", "removed": "doc_u1"}));
    assert_eq!(each(&page, "at")[0], "2026-06-08T10:16:00Z");
}

#[tokio::test]
async fn what_is_refused_or_only_read_changes_nothing() {
    let fake = Fake::start(&[]).await;
    for (method, path, body) in [
        ("GET", "/clock", ""),
        ("GET", "/journal", ""),
        ("POST", "/clock", "{}"),
        ("POST", "/policies", r#"{"dead_link": "418"}"#),
        ("POST", "/keys/nobody", r#"{"revoked": true}"#),
        ("DELETE", "/crew/crew_001/documents/doc_0", ""),
    ] {
        fake.control(method, path, body).await;
    }
    assert_eq!(each(&journal(&fake, "").await, "seq").len(), 0);
}

#[tokio::test]
async fn a_change_stands_between_what_was_asked_before_and_after() {
    let fake = Fake::start(&[]).await;
    let link = fake.link("doc_1").await;
    fake.follow(&link).await;
    fake.server.advance(std::time::Duration::from_mins(16)).unwrap();
    fake.follow(&link).await;
    let page = journal(&fake, "").await;
    assert_eq!(each(&page, "kind"), ["exchange", "exchange", "change", "exchange"]);
    assert_eq!(each(&page, "status"), [json!(200), json!(200), json!(null), json!(404)]);
}
