//! Stored projections: what a compliance check shows is as old as they are.

use crewpass_mock::MockServer;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::lookup::post;
use crate::api::wire::{set_clock, starter};
use crate::support::fake::Fake;

/// The time of a check of `crew_001`, and the statuses of its requirements that a change of `doc_3` and `doc_6` moves.
async fn shown(fake: &MockServer) -> (String, Value, Value) {
    let check = post(fake, "/api/v2/employers/me/crew/crew_001/compliance-checks", "{}").await.json();
    let requirements = &check["requirements"];
    let as_of = check["as_of"].as_str().unwrap().strip_prefix("2026-06-").unwrap().to_owned();
    (as_of, requirements[0]["status"].clone(), requirements[1]["status"].clone())
}

fn seen(as_of: &str, coc: &str, gmdss: &str) -> (String, Value, Value) {
    (as_of.to_owned(), coc.into(), gmdss.into())
}

async fn verify_coc(fake: &Fake) {
    fake.done("POST", "/crew/crew_001/documents/doc_3", r#"{"verification_status": "verified"}"#).await;
}

fn advance(fake: &Fake, seconds: i64) {
    fake.server.session().advance(SignedDuration::from_secs(seconds)).unwrap();
}

#[tokio::test]
async fn a_stored_projection_changes_only_so_much_after_the_change() {
    let fake = Fake::start(&["projection_lag=30s"]).await;
    advance(&fake, 60);
    verify_coc(&fake).await;
    assert_eq!(shown(&fake.server).await, seen("08T10:00:00Z", "pending", "met"));
    advance(&fake, 10);
    // A second change does not bring the first one forward, nor does the first one bring the second.
    fake.done("DELETE", "/crew/crew_001/documents/doc_6", "").await;
    advance(&fake, 19);
    assert_eq!(shown(&fake.server).await, seen("08T10:00:00Z", "pending", "met"));
    advance(&fake, 1);
    assert_eq!(shown(&fake.server).await, seen("08T10:01:30Z", "met", "met"));
    let waiting = fake.done("GET", "/compliance", "").await;
    assert_eq!(waiting["waiting"], json!([{"crew": "crew_001", "due": "2026-06-08T10:01:40Z"}]));
    // One long move makes the projection at its own time.
    advance(&fake, 3_600);
    assert_eq!(shown(&fake.server).await, seen("08T10:01:40Z", "met", "missing"));
}

#[tokio::test]
async fn without_a_lag_a_change_shows_at_once_and_the_time_stays_that_of_the_change() {
    let fake = Fake::start(&[]).await;
    advance(&fake, 60);
    assert_eq!(shown(&fake.server).await, seen("08T10:00:00Z", "pending", "met"));
    verify_coc(&fake).await;
    advance(&fake, 60);
    assert_eq!(shown(&fake.server).await, seen("08T10:01:00Z", "met", "met"));
    // An upload and a removal are changes too; of another person they are none.
    fake.done("POST", "/crew/crew_001/documents?supersedes=doc_3", "new").await;
    assert_eq!(shown(&fake.server).await, seen("08T10:02:00Z", "pending", "met"));
    advance(&fake, 60);
    fake.done("DELETE", "/crew/crew_004/documents/doc_40", "").await;
    assert_eq!(shown(&fake.server).await.0, "08T10:02:00Z");
}

#[tokio::test]
async fn a_refresh_does_not_wait() {
    let fake = Fake::start(&["projection_lag=1h"]).await;
    verify_coc(&fake).await;
    advance(&fake, 60);
    assert_eq!(fake.control("POST", "/compliance/refresh", r#"{"crew": "nobody"}"#).await.status, 404);
    fake.done("POST", "/compliance/refresh", r#"{"crew": "crew_004"}"#).await;
    assert_eq!(shown(&fake.server).await, seen("08T10:00:00Z", "pending", "met"));
    let left = fake.done("POST", "/compliance/refresh", r#"{"crew": "crew_001"}"#).await;
    assert_eq!(left, json!({"projection": "stored", "lag": "3600s", "waiting": []}));
    assert_eq!(shown(&fake.server).await, seen("08T10:01:00Z", "met", "met"));
    fake.done("DELETE", "/crew/crew_001/documents/doc_6", "").await;
    advance(&fake, 60);
    fake.done("POST", "/compliance/refresh", "").await;
    assert_eq!(shown(&fake.server).await, seen("08T10:02:00Z", "met", "missing"));
    // What was waiting is made, and comes no second time.
    advance(&fake, 7_200);
    assert_eq!(shown(&fake.server).await, seen("08T10:02:00Z", "met", "missing"));
    let journal = fake.done("GET", "/journal?change=compliance", "").await;
    assert_eq!(journal["entries"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_projection_is_of_its_day() {
    let fake = starter(&["projection_lag=30s"]).await;
    let days = async || {
        let check = post(&fake, "/api/v2/employers/me/crew/crew_001/compliance-checks", "{}").await.json();
        (check["as_of"].as_str().unwrap().to_owned(), check["requirements"][2]["days_until_expiry"].clone())
    };
    assert_eq!(days().await, ("2026-06-08T10:00:00Z".to_owned(), json!(632)));
    set_clock(&fake, "2026-06-10T03:04:05Z");
    assert_eq!(days().await, ("2026-06-10T00:00:00Z".to_owned(), json!(630)));
    // A clock that was moved back shows nothing of the future.
    set_clock(&fake, "2026-06-07T01:00:00Z");
    assert_eq!(days().await, ("2026-06-07T01:00:00Z".to_owned(), json!(633)));
}

#[tokio::test]
async fn a_live_check_is_of_the_moment() {
    let fake = Fake::start(&["compliance_projection=live", "projection_lag=30s"]).await;
    advance(&fake, 60);
    verify_coc(&fake).await;
    advance(&fake, 5);
    assert_eq!(shown(&fake.server).await, seen("08T10:01:05Z", "met", "met"));
    // Stored again, it shows what the last projection had.
    fake.done("POST", "/policies", r#"{"compliance_projection": "stored"}"#).await;
    assert_eq!(shown(&fake.server).await, seen("08T10:01:00Z", "met", "met"));
}

#[tokio::test]
async fn a_reset_brings_the_projections_of_the_beginning_back() {
    let fake = Fake::start(&["projection_lag=30s"]).await;
    verify_coc(&fake).await;
    fake.done("POST", "/reset", "").await;
    advance(&fake, 3_600);
    assert_eq!(shown(&fake.server).await, seen("08T10:00:00Z", "pending", "met"));
}
