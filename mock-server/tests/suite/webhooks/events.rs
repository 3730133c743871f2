//! Which change causes which event, and who gets it.

use serde_json::json;

use super::deliveries::DOCUMENTS;
use super::receiver::Receiver;
use crate::support::fake::{CREW, Fake};

const OK: &[&str] = &["HTTP/1.1 204 No Content\r\n\r\n"];

async fn fake_with(receiver: &Receiver, callback: serde_json::Value) -> Fake {
    let fake = Fake::start(&[]).await;
    let mut whole = json!({"url": receiver.url(), "secret": "whsec_test", "events": DOCUMENTS});
    whole.as_object_mut().unwrap().extend(callback.as_object().unwrap().clone());
    fake.done("POST", "/webhooks/callbacks", &whole.to_string()).await;
    fake
}

fn status(value: &str) -> String {
    json!({"verification_status": value}).to_string()
}

async fn set_status(fake: &Fake, crew: &str, document: &str, value: &str) {
    fake.done("POST", &format!("/crew/{crew}/documents/{document}"), &status(value)).await;
}

/// The type and the new status of each event.
async fn events(receiver: &Receiver, count: usize) -> Vec<(String, String)> {
    let event = |body: serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (text(&body["event_type"]), text(&body["data"]["verification_status"]))
    };
    receiver.wait_for(count).await.iter().map(|delivery| event(delivery.json())).collect()
}

fn pair(kind: &str, status: &str) -> (String, String) {
    (format!("crew.document.{kind}"), status.to_owned())
}

#[tokio::test]
async fn the_first_final_status_is_processed_and_every_later_change_is_updated() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_with(&receiver, json!({})).await;
    let uploaded = fake.done("POST", "/crew/crew_001/documents?supersedes=doc_1", "new").await;
    let id = uploaded["document_id"].as_str().unwrap();
    let mut expected = Vec::new();
    for (to, event) in [
        ("verified", Some("processed")),
        ("verified", None),
        ("rejected", Some("updated")),
        ("pending", Some("updated")),
        ("verified", Some("updated")),
    ] {
        set_status(&fake, "crew_001", id, to).await;
        expected.extend(event.map(|event| pair(event, to)));
        assert_eq!(events(&receiver, expected.len()).await, expected);
    }
    // An upload that is final at once, and a document that was final in the world.
    fake.done("POST", "/crew/crew_001/documents?type=A&title=B&verification_status=verified", "new").await;
    expected.push(pair("processed", "verified"));
    events(&receiver, expected.len()).await;
    set_status(&fake, "crew_001", "doc_2", "expired").await;
    expected.push(pair("updated", "expired"));
    assert_eq!(events(&receiver, expected.len()).await, expected);
}

#[tokio::test]
async fn a_partner_gets_only_what_it_may_read_and_wants() {
    for (change, callback) in [
        (("/crew/crew_001", json!({"vessels": []})), json!({})),
        (("/crew/crew_001", json!({"consent": {"prt_123": ["crew:documents:download"]}})), json!({})),
        (("/partners/prt_123", json!({"granted_scopes": ["crew:documents:download"]})), json!({})),
        (("/partners/prt_123", json!({"api_enabled": false})), json!({})),
        (("/clock", json!({"freeze": true})), json!({"events": ["crew.document.processed"]})),
    ] {
        let receiver = Receiver::start(OK).await;
        let fake = fake_with(&receiver, callback).await;
        fake.done("POST", change.0, &change.1.to_string()).await;
        set_status(&fake, "crew_001", "doc_1", "rejected").await;
        let webhooks = fake.done("GET", "/webhooks", "").await;
        assert_eq!(webhooks["deliveries"], json!([]), "{change:?}");
    }
    let receiver = Receiver::start(OK).await;
    let fake = fake_with(&receiver, json!({"events": ["crew.document.updated"]})).await;
    set_status(&fake, "crew_001", "doc_1", "rejected").await;
    assert_eq!(events(&receiver, 1).await, [pair("updated", "rejected")]);
}

#[tokio::test]
async fn a_world_names_callbacks_and_a_reset_brings_them_back() {
    let receiver = Receiver::start(OK).await;
    let document = "{id: d, type: A, title: B, verification_status: pending, file: {generate: pdf}}";
    let world = format!(
        "partners: [{{id: p, granted_scopes: ['crew:documents:read'], keys: [{{name: k}}]}}]\n\
         vessels: [{{id: v, name: V, partners: [p]}}]\n\
         crew: [{{id: c, vessels: [v], consent: {{p: ['crew:documents:read']}}, documents: [{document}]}}]\n\
         callbacks: [{{url: '{}', secret: whsec_test}}]",
        receiver.url()
    );
    let world = crewpass_mock::World::parse(&world, "hooks", None).unwrap();
    let fake = Fake::built(&[], |builder| builder.world(world)).await;
    set_status(&fake, "c", "d", "verified").await;
    receiver.wait_for(1).await;
    fake.done("DELETE", "/webhooks/callbacks", "").await;
    set_status(&fake, "c", "d", "rejected").await;
    fake.done("POST", "/reset", "").await;
    set_status(&fake, "c", "d", "verified").await;
    let delivery = receiver.wait_for(2).await;
    let ids: Vec<_> = delivery.iter().map(|delivery| delivery.text("x-crewpass-event-id")).collect();
    assert_eq!(delivery.len(), 2);
    assert_ne!(ids[0], ids[1], "an id is not used again after a reset");
}

#[tokio::test]
async fn a_session_has_callbacks_of_its_own() {
    let receiver = Receiver::start(OK).await;
    let fake = Fake::start(&[]).await;
    let session = fake.done("POST", "/sessions", "").await["id"].as_str().unwrap().to_owned();
    let callback = json!({"url": receiver.url(), "secret": "whsec_test", "events": DOCUMENTS}).to_string();
    fake.done("POST", &format!("/sessions/{session}/webhooks/callbacks"), &callback).await;
    set_status(&fake, "crew_001", "doc_1", "expired").await;
    fake.done("POST", &format!("/sessions/{session}/crew/crew_001/documents/doc_1"), &status("rejected")).await;
    assert_eq!(events(&receiver, 1).await, [pair("updated", "rejected")]);
    assert_eq!(fake.list("crew_001").await.status, 200);
    assert!(CREW.starts_with("/api/"));
}
