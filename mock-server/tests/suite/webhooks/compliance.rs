//! `crew.compliance.changed`: an answer that changed, when its projection is made.

use crewpass_mock::{Builder, World};
use serde_json::{Value, json};

use super::receiver::Receiver;
use crate::support::fake::Fake;

const OK: &[&str] = &["HTTP/1.1 204 No Content\r\n\r\n"];

/// A person who is a chef on one vessel and a bosun on another, and a second partner that manages the second vessel.
fn world(receiver: &Receiver) -> World {
    let scopes = ["crew:documents:read", "crew:compliance:read"];
    let document = |id: &str, title: &str, expiry: &str| {
        json!({"id": id, "type": "T", "title": title, "verification_status": "verified", "expiry_date": expiry,
               "file": {"generate": "pdf"}})
    };
    let world = json!({
        "partners": [
            {"id": "p", "granted_scopes": scopes, "keys": [{"name": "full"}]},
            {"id": "q", "granted_scopes": scopes, "keys": [{"name": "other"}]},
        ],
        "vessels": [
            {"id": "a", "name": "A", "partners": ["p"]},
            {"id": "b", "name": "B", "partners": ["p", "q"]},
            {"id": "x", "name": "X", "partners": []},
        ],
        "roles": [
            {"name": "Chef", "requires": [{"key": "cook", "title": "Cook"}]},
            {"name": "Bosun", "requires": [{"key": "bosun", "title": "Bosun"}]},
        ],
        "crew": [
            {"id": "c", "vessels": ["a", "b"], "consent": {"p": scopes, "q": scopes},
             "details": {"roles": {"a": "Chef", "b": "Bosun"}},
             "documents": [document("cook", "Cook", "+200d"), document("bosun", "Bosun", "+100d"),
                           document("more", "More", "+1d")]},
            // Nobody may hear of these.
            {"id": "away", "vessels": ["x"], "rank": "Chef", "consent": {"p": scopes},
             "documents": [document("away", "Cook", "+100d")]},
            {"id": "silent", "vessels": ["a"], "rank": "Chef", "consent": {"p": ["crew:documents:read"]},
             "documents": [document("silent", "Cook", "+100d")]},
        ],
        "callbacks": [
            {"url": receiver.url(), "secret": "s", "events": ["crew.compliance.changed"], "partner": "p"},
            {"url": "http://127.0.0.1:9/hooks", "secret": "s", "partner": "q"},
        ],
    });
    World::parse(&world.to_string(), "compliance", None).unwrap()
}

async fn fake(receiver: &Receiver, policies: &[&str]) -> Fake {
    let world = world(receiver);
    // The policies of a builder are those of its world at first.
    let set = |builder: Builder, policy: &&str| builder.policy_from(policy).unwrap();
    Fake::built(&[], |builder| policies.iter().fold(builder.world(world), set)).await
}

/// Partner, time, vessel and status of each compliance event so far, in the order of the deliveries.
async fn events(fake: &Fake) -> Vec<(String, String, String, String)> {
    let webhooks = fake.done("GET", "/webhooks", "").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = webhooks["deliveries"].as_array().unwrap().iter();
    let all = all.filter(|delivery| delivery["event_type"] == "crew.compliance.changed");
    let of_one = |delivery: &Value| {
        let data = &delivery["data"];
        assert_eq!((&data["crew_unique_id"], data.as_object().unwrap().len()), (&json!("c"), 3));
        let due = text(&delivery["partner_id"]);
        (due, text(&delivery["occurred_at"]), text(&data["vessel_id"]), text(&data["overall_status"]))
    };
    all.map(of_one).collect()
}

fn event(partner: &str, at: &str, vessel: &str, status: &str) -> (String, String, String, String) {
    (partner.to_owned(), at.to_owned(), vessel.to_owned(), status.to_owned())
}

async fn set_status(fake: &Fake, crew: &str, document: &str, status: &str) {
    let body = json!({"verification_status": status}).to_string();
    fake.done("POST", &format!("/crew/{crew}/documents/{document}"), &body).await;
}

#[tokio::test]
async fn a_changed_answer_is_an_event_when_its_projection_is_made() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver, &["projection_lag=30s"]).await;
    set_status(&fake, "c", "cook", "rejected").await;
    assert_eq!(events(&fake).await, []);
    fake.done("POST", "/clock", r#"{"advance": "29s"}"#).await;
    assert_eq!(events(&fake).await, []);
    // The event is of the time at which the projection was made, also after a long move.
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    let mut expected = vec![event("p", "2026-06-08T10:00:30Z", "a", "non_compliant")];
    assert_eq!(events(&fake).await, expected);
    // Back and forth within the lag: both answers are given, each at its time.
    set_status(&fake, "c", "cook", "verified").await;
    fake.done("POST", "/clock", r#"{"advance": "10s"}"#).await;
    set_status(&fake, "c", "cook", "rejected").await;
    fake.done("POST", "/clock", r#"{"advance": "5m"}"#).await;
    expected.push(event("p", "2026-06-08T11:00:59Z", "a", "compliant"));
    expected.push(event("p", "2026-06-08T11:01:09Z", "a", "non_compliant"));
    assert_eq!(events(&fake).await, expected);
    receiver.wait_for(3).await;
}

#[tokio::test]
async fn only_an_answer_that_changed_is_an_event_and_only_for_the_partners_of_the_vessel() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver, &[]).await;
    // Nothing requires it, or nobody may hear of it.
    set_status(&fake, "c", "more", "rejected").await;
    set_status(&fake, "away", "away", "rejected").await;
    set_status(&fake, "silent", "silent", "rejected").await;
    set_status(&fake, "c", "cook", "verified").await;
    assert_eq!(events(&fake).await, []);
    set_status(&fake, "c", "bosun", "rejected").await;
    let at = "2026-06-08T10:00:00Z";
    let mut expected = vec![event("p", at, "b", "non_compliant"), event("q", at, "b", "non_compliant")];
    assert_eq!(events(&fake).await, expected);
    // The same status by another document is another answer.
    fake.done("POST", "/crew/c/documents?supersedes=cook&verification_status=verified", "new").await;
    expected.push(event("p", at, "a", "compliant"));
    assert_eq!(events(&fake).await, expected);
    fake.done("DELETE", "/crew/c/documents/doc_u1", "").await;
    expected.push(event("p", at, "a", "non_compliant"));
    assert_eq!(events(&fake).await, expected);
    // A partner whose scope is gone hears nothing more.
    fake.done("POST", "/partners/p", r#"{"granted_scopes": ["crew:documents:read"]}"#).await;
    set_status(&fake, "c", "bosun", "verified").await;
    expected.push(event("q", at, "b", "compliant"));
    assert_eq!(events(&fake).await, expected);
}

#[tokio::test]
async fn a_day_that_begins_changes_an_answer_and_a_clock_that_moves_within_it_none() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver, &[]).await;
    fake.done("POST", "/clock", r#"{"set": "2026-06-08T23:59:59Z"}"#).await;
    fake.done("POST", "/clock", r#"{"advance": "1s"}"#).await;
    assert_eq!(events(&fake).await, [], "the days that are left are no change");
    // 90 days before the bosun's certificate expires.
    fake.done("POST", "/clock", r#"{"set": "2026-06-18T08:00:00Z"}"#).await;
    let at = "2026-06-18T08:00:00Z";
    let mut expected = vec![event("p", at, "b", "at_risk"), event("q", at, "b", "at_risk")];
    assert_eq!(events(&fake).await, expected);
    fake.done("POST", "/clock", r#"{"set": "2027-01-01T00:00:00Z"}"#).await;
    let at = "2027-01-01T00:00:00Z";
    expected.push(event("p", at, "a", "non_compliant"));
    expected.push(event("p", at, "b", "non_compliant"));
    expected.push(event("q", at, "b", "non_compliant"));
    assert_eq!(events(&fake).await, expected);
    let webhooks = fake.done("GET", "/webhooks", "").await;
    assert_eq!(webhooks["deliveries"].as_array().unwrap().len(), 5, "no document event comes from the clock");
}

#[tokio::test]
async fn a_refresh_is_an_event_at_once_and_no_second_one_later() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver, &["projection_lag=30s"]).await;
    set_status(&fake, "c", "cook", "rejected").await;
    fake.done("POST", "/compliance/refresh", r#"{"crew": "silent"}"#).await;
    assert_eq!(events(&fake).await, []);
    fake.done("POST", "/compliance/refresh", "").await;
    let expected = [event("p", "2026-06-08T10:00:00Z", "a", "non_compliant")];
    assert_eq!(events(&fake).await, expected);
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    fake.done("POST", "/compliance/refresh", "").await;
    assert_eq!(events(&fake).await, expected);
}

#[tokio::test]
async fn a_vessel_joined_before_the_projection_has_the_event_and_one_joined_with_the_change_none() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver, &["projection_lag=30s"]).await;
    let change = async |body: &str| drop(fake.done("POST", "/crew/c", body).await);
    change(r#"{"vessels": ["a"]}"#).await;
    fake.done("POST", "/compliance/refresh", "").await;
    set_status(&fake, "c", "bosun", "rejected").await;
    // From here on a check on that vessel shows the earlier answer, until the projection is made.
    change(r#"{"vessels": ["a", "b"]}"#).await;
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    let at = "2026-06-08T10:00:30Z";
    let expected = [event("p", at, "b", "non_compliant"), event("q", at, "b", "non_compliant")];
    assert_eq!(events(&fake).await, expected);
    // Without a lag, nobody on that vessel has seen another answer.
    fake.done("POST", "/policies", r#"{"projection_lag": "0s"}"#).await;
    change(r#"{"vessels": ["a"]}"#).await;
    change(r#"{"vessels": ["a", "b"], "details": {"roles": {"a": "Chef", "b": "Chef"}}}"#).await;
    assert_eq!(events(&fake).await, expected);
}

#[tokio::test]
async fn on_a_clock_that_runs_a_projection_is_made_by_itself() {
    let receiver = Receiver::start(OK).await;
    let world = world(&receiver);
    let builder = crewpass_mock::MockServer::builder().world(world).policy("projection_lag", "1s").unwrap();
    let fake = Fake { server: builder.start().await.unwrap() };
    set_status(&fake, "c", "cook", "rejected").await;
    // Nobody asks anything: the worker wakes up when the projection is due.
    let delivery = receiver.wait_for(1).await.remove(0).json();
    assert_eq!(delivery["event_type"], "crew.compliance.changed");
    assert_eq!(delivery["data"]["overall_status"], "non_compliant");
}
