//! The form of a delivery: headers, body, signature; and what the journal and the control API show of it.

use serde_json::json;

use super::receiver::{Received, Receiver};
use crate::support::fake::Fake;

const OK: &[&str] = &["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"];

/// The events of documents.
pub(super) const DOCUMENTS: [&str; 2] = ["crew.document.processed", "crew.document.updated"];

pub(super) async fn fake_for(receiver: &Receiver) -> Fake {
    let fake = Fake::start(&[]).await;
    // A changed document changes a compliance check as well, which is not the subject here.
    let callback = json!({"url": receiver.url(), "secret": "whsec_0123456789abcdef", "events": DOCUMENTS});
    fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
    fake
}

/// The signature that a receiver computes.
fn expected_signature(delivery: &Received) -> String {
    use hmac::{KeyInit, Mac};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(b"whsec_0123456789abcdef").unwrap();
    mac.update(delivery.header("x-crewpass-timestamp").unwrap());
    mac.update(b".");
    mac.update(&delivery.body);
    let digest = mac.finalize().into_bytes();
    digest.iter().fold("v1=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[tokio::test]
async fn a_delivery_has_the_documented_form() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    let before = jiff::Timestamp::now().as_second();
    fake.done("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "rejected"}"#).await;
    let delivery = receiver.wait_for(1).await.remove(0);
    let id = delivery.text("x-crewpass-event-id").to_owned();
    assert_eq!(
        delivery.json(),
        json!({
            "schema_version": 1,
            "event_id": id,
            "event_type": "crew.document.updated",
            "occurred_at": "2026-06-08T10:00:00Z",
            "partner_id": "prt_123",
            "data": {"crew_unique_id": "crew_001", "document_id": "doc_1", "verification_status": "rejected"},
        })
    );
    assert_eq!(delivery.text("x-crewpass-event-type"), "crew.document.updated");
    assert_eq!(delivery.text("x-crewpass-schema-version"), "1");
    assert_eq!(delivery.text("content-type"), "application/json");
    assert_eq!(delivery.text("host"), receiver.address.to_string());
    // The timestamp is real time, although the session's clock is frozen.
    let at: i64 = delivery.text("x-crewpass-timestamp").parse().unwrap();
    assert!((before..=jiff::Timestamp::now().as_second()).contains(&at));
    assert_eq!(delivery.text("x-crewpass-signature"), expected_signature(&delivery));
}

#[tokio::test]
async fn the_journal_has_each_attempt_and_nothing_shows_the_secret() {
    let receiver = Receiver::start(&["HTTP/1.1 503 Busy\r\n\r\n", "HTTP/1.1 204 Done\r\n\r\n"]).await;
    let fake = fake_for(&receiver).await;
    fake.done("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "rejected"}"#).await;
    receiver.wait_for(1).await;
    let journal = fake.done("GET", "/journal?kind=change&wait=1m", "").await;
    assert!(journal.to_string().contains("rejected"));
    settled(&fake, "waiting").await;
    fake.done("POST", "/clock", r#"{"advance": "30s"}"#).await;
    let webhooks = settled(&fake, "delivered").await;
    let attempts = &webhooks["deliveries"][0]["attempts"];
    assert_eq!(attempts[0], json!({"at": "2026-06-08T10:00:00Z", "status": 503}));
    assert_eq!(attempts[1], json!({"at": "2026-06-08T10:00:30Z", "status": 204}));
    let journal = fake.done("GET", "/journal", "").await;
    let entries = journal["entries"].as_array().unwrap();
    let states: Vec<_> =
        entries.iter().filter(|entry| entry["change"] == "webhook").map(|entry| &entry["detail"]["state"]).collect();
    assert_eq!(states, ["waiting", "delivered"]);
    let texts =
        entries.iter().filter(|entry| entry["change"] == "webhook").map(|entry| entry["text"].as_str().unwrap());
    let texts: Vec<_> = texts.map(|text| text.split_once(": ").unwrap()).collect();
    assert!(texts[0].0.starts_with("crew.document.updated -> http://127.0.0.1:"), "{texts:?}");
    let ends = ["503, attempt 1 of 8, next in 30 s", "204, attempt 2 of 8, delivered"];
    assert_eq!(texts.iter().map(|(_, end)| *end).collect::<Vec<_>>(), ends);
    let signature = receiver.received()[0].text("x-crewpass-signature").to_owned();
    for text in [journal.to_string(), webhooks.to_string()] {
        assert!(!text.contains("whsec_0123456789abcdef") && !text.contains(&signature), "{text}");
    }
}

/// Waits until the first delivery has that state and its attempt is over.
pub(super) async fn settled(fake: &Fake, state: &str) -> serde_json::Value {
    let mut since = 0;
    loop {
        let webhooks = fake.done("GET", "/webhooks", "").await;
        let first = &webhooks["deliveries"][0];
        if first["state"] == state && !first["attempts"].as_array().unwrap().is_empty() {
            return webhooks;
        }
        // An attempt that ends is an entry of the journal.
        let journal = fake.done("GET", &format!("/journal?since={since}&wait=1m"), "").await;
        since = journal["next"].as_u64().unwrap();
    }
}
