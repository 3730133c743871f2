//! Events that a test fires by hand: the documented `data` of each type, or what the test gives.

use serde_json::{Value, json};

use super::deliveries::settled;
use super::receiver::Receiver;
use crate::support::fake::Fake;

const OK: &[&str] = &["HTTP/1.1 204 No Content\r\n\r\n"];

async fn fake_for(receiver: &Receiver) -> Fake {
    let fake = Fake::start(&[]).await;
    let callback = json!({"url": receiver.url(), "secret": "whsec_test"});
    fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
    fake
}

#[tokio::test]
async fn each_type_has_its_documented_data() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    let world = fake.done("GET", "/world", "").await;
    let first =
        &world["crew"].as_array().unwrap().iter().find(|person| person["id"] == "crew_001").unwrap()["compliance"][0];
    let of_document = json!({"crew_unique_id": "crew_001", "document_id": "doc_1", "verification_status": "verified"});
    let of_compliance = json!({
        "crew_unique_id": "crew_001", "vessel_id": first["vessel_id"], "overall_status": first["overall_status"],
    });
    let of_status = json!({"crew_unique_id": "crew_001", "verification_status": "verified", "background_check_status": "completed"});
    let superseded = json!({"crew_unique_id": "crew_001", "document_id": "doc_0", "verification_status": "expired"});
    for (place, (fire, data)) in [
        // Without a crew member, it is the first one on the fleet.
        (json!({"event_type": "crew.document.processed"}), &of_document),
        (json!({"event_type": "crew.document.updated", "crew": "crew_001"}), &of_document),
        (json!({"event_type": "crew.document.updated", "crew": "crew_001", "document": "doc_0"}), &superseded),
        (json!({"event_type": "crew.compliance.changed", "crew": "crew_001"}), &of_compliance),
        (json!({"event_type": "crew.status.changed", "crew": "crew_001"}), &of_status),
        (json!({"event_type": "crew.profile.changed", "crew": "crew_001"}), &json!({"crew_unique_id": "crew_001"})),
        (
            json!({"event_type": "crew.status.changed", "crew": "crew_001", "data": {"more": 1}}),
            &json!({"crew_unique_id": "crew_001", "more": 1}),
        ),
        (json!({"event_type": "crew.status.changed", "data": {}}), &json!({})),
        (
            json!({"event_type": "crew.odd", "crew": "no", "document": "none", "unknown": true}),
            &json!({"crew_unique_id": "no", "document_id": "none"}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        fake.done("POST", "/webhooks/fire", &fire.to_string()).await;
        assert_eq!(receiver.wait_for(place + 1).await[place].json()["data"], *data, "{fire}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_refused_with_what_may_be_meant() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    for (fire, says) in [
        (
            json!({"event_type": "crew.document.procesed"}),
            "no event type `crew.document.procesed`; did you mean `crew.document.processed`?",
        ),
        (
            json!({"event_type": "odd"}),
            "the types are crew.document.processed, crew.document.updated, crew.compliance.changed,",
        ),
        (
            json!({"event_type": "crew.profile.changed", "crew": "crew_01"}),
            "no crew member `crew_01` in this world; did you mean `crew_001`?",
        ),
        (
            json!({"event_type": "crew.document.updated", "crew": "crew_001", "document": "doc_9"}),
            "`crew_001` has no document `doc_9`; the current documents are doc_1",
        ),
    ] {
        let answer = fake.control("POST", "/webhooks/fire", &fire.to_string()).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(says) && message.contains("`ctl webhooks fire --unknown`"), "{message}");
    }
    assert_eq!(fake.done("GET", "/webhooks", "").await["deliveries"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn an_order_is_an_entry_of_the_journal() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    let order = json!({"event_type": "crew.odd", "unknown": true, "copies": 2});
    let fired = fake.done("POST", "/webhooks/fire", &order.to_string()).await;
    settled(&fake, "delivered").await;
    fake.done("POST", "/webhooks/redeliver", r#"{"delivery": 1}"#).await;
    fake.done("POST", "/webhooks/redeliver", "").await;
    let details = async |topic: &str| {
        let page = fake.done("GET", &format!("/journal?change={topic}"), "").await;
        page["entries"].as_array().unwrap().iter().map(|entry| entry["detail"].clone()).collect::<Vec<_>>()
    };
    let expected = json!({"event_type": "crew.odd", "event_id": fired["event_id"], "deliveries": 2});
    assert_eq!(details("fire").await, [expected]);
    assert_eq!(details("redeliver").await, [json!({"redelivered": 1, "delivery": 1}), json!({"redelivered": 0})]);
}
