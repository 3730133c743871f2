//! Altered deliveries, and callbacks that misbehave.

use std::time::Duration;

use serde_json::{Value, json};

use super::deliveries::{fake_for, settled};
use super::receiver::Receiver;
use crate::support::fake::Fake;

const OK: &[&str] = &["HTTP/1.1 200 OK\r\n\r\n"];

async fn fire(fake: &Fake, more: Value) -> Value {
    let mut fire = json!({"event_type": "crew.document.processed", "crew": "crew_001"});
    fire.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fake.done("POST", "/webhooks/fire", &fire.to_string()).await
}

#[tokio::test]
async fn an_alteration_reaches_the_wire() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    fire(&fake, json!({"alter": {"signature": "missing", "event_id": "evt_other", "chunked": true}})).await;
    let delivery = receiver.wait_for(1).await.remove(0);
    assert!(delivery.header("x-crewpass-signature").is_none() && delivery.header("content-length").is_none());
    assert_eq!(delivery.text("x-crewpass-event-id"), "evt_other");
    let data = json!({"crew_unique_id": "crew_001", "document_id": "doc_1", "verification_status": "verified"});
    assert_eq!(delivery.json()["data"], data, "as a change would tell it");
    let more = json!({"event_type": "crew.unknown", "unknown": true, "schema_version": 2, "fields": {"more": [1]}});
    fire(&fake, more).await;
    let delivery = receiver.wait_for(2).await.remove(1);
    let body = delivery.json();
    assert_eq!(
        (&body["event_type"], &body["schema_version"], &body["more"]),
        (&json!("crew.unknown"), &json!(2), &json!([1]))
    );
    assert_eq!(delivery.text("x-crewpass-schema-version"), "2");
}

#[tokio::test]
async fn the_next_deliveries_are_altered_and_then_no_more() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    fake.done("POST", "/webhooks/alter", r#"{"alter": {"timestamp": "not_a_number"}, "times": 2}"#).await;
    for (count, status) in ["rejected", "expired", "verified"].into_iter().enumerate() {
        let change = json!({"verification_status": status});
        fake.done("POST", "/crew/crew_001/documents/doc_1", &change.to_string()).await;
        let delivery = receiver.wait_for(count + 1).await.remove(count);
        assert_eq!(delivery.text("x-crewpass-timestamp") == "now", count < 2, "{status}");
    }
}

#[tokio::test]
async fn the_next_deliveries_come_twice_and_late() {
    let receiver = Receiver::start(OK).await;
    let fake = fake_for(&receiver).await;
    let change = async |status: &str| {
        let change = json!({"verification_status": status});
        fake.done("POST", "/crew/crew_001/documents/doc_1", &change.to_string()).await;
    };
    fake.done("POST", "/webhooks/alter", r#"{"copies": 2, "after": "30s"}"#).await;
    change("rejected").await;
    change("expired").await;
    // The later event comes first.
    let first = receiver.wait_for(1).await.remove(0).json();
    assert_eq!(first["data"]["verification_status"], "expired");
    fake.done("POST", "/clock", r#"{"advance": "30s"}"#).await;
    let all = receiver.wait_for(3).await;
    let of = |at: usize| (all[at].text("x-crewpass-event-id"), all[at].json()["data"]["verification_status"].clone());
    assert_eq!(of(1), of(2));
    assert_eq!(of(1).1, "rejected");
}

#[tokio::test]
async fn headers_come_slowly_within_the_time_that_is_given() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/webhooks/callbacks", &json!({"url": url, "secret": "s"}).to_string()).await;
    fire(&fake, json!({"alter": {"slow_headers": "600ms"}})).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let begun = std::time::Instant::now();
    let (mut read, mut pieces) = (Vec::new(), 0);
    while !read.windows(4).any(|window| window == b"\r\n\r\n") {
        pieces += 1;
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
    }
    // Pieces may meet on the way if this machine is busy, but none is early.
    assert!(pieces > 1 && begun.elapsed() >= Duration::from_millis(500), "{pieces} in {:?}", begun.elapsed());
    let length =
        String::from_utf8_lossy(&read).lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let head = read.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    while read.len() < head + length.unwrap_or(0_usize) {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
    }
    assert!(serde_json::from_slice::<Value>(&read[head..]).is_ok(), "the body is whole");
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    settled(&fake, "delivered").await;
    for time in ["2m", "slow"] {
        let body = json!({"event_type": "x", "unknown": true, "alter": {"slow_headers": time}}).to_string();
        assert_eq!(fake.control("POST", "/webhooks/fire", &body).await.status, 400, "{time}");
    }
}

#[tokio::test]
async fn copies_are_sent_at_once_and_a_late_one_on_the_clock() {
    // None is answered, so all are open at once.
    let receiver = Receiver::start(&[""]).await;
    let fake = fake_for(&receiver).await;
    let fired = fire(&fake, json!({"copies": 50})).await;
    assert_eq!(fired["deliveries"].as_array().unwrap().len(), 50);
    let delivery = receiver.wait_for(50).await;
    assert!(delivery.iter().all(|delivery| delivery.text("x-crewpass-event-id") == fired["event_id"]));
    // The fake's other work goes on.
    assert_eq!(fake.list("crew_001").await.status, 200);
    fire(&fake, json!({"after": "1h"})).await;
    assert_eq!(receiver.received().len(), 50);
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    receiver.wait_for(51).await;
}

#[tokio::test]
async fn callbacks_that_hang_hold_up_no_other_callback() {
    let (fake, good) = (Fake::start(&[]).await, Receiver::start(&["HTTP/1.1 200 OK\r\n\r\n"]).await);
    let mut hanging = Vec::new();
    for _ in 0..16 {
        let receiver = Receiver::start(&[""]).await;
        let callback = json!({"url": receiver.url(), "secret": "whsec_test"});
        fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
        hanging.push(receiver);
    }
    fire(&fake, json!({"copies": 63})).await;
    for receiver in &hanging {
        receiver.wait_for(1).await;
    }
    let callback = json!({"url": good.url(), "secret": "whsec_test"});
    fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
    fire(&fake, json!({"url": good.url(), "copies": 3})).await;
    good.wait_for(3).await;
    // Nobody waited until an attempt was given up.
    let shown = fake.done("GET", "/webhooks", "").await;
    let ended = shown["deliveries"].as_array().unwrap().iter().filter(|delivery| delivery["attempts"] != json!([]));
    assert!(ended.count() <= 3, "{shown}");
}

#[tokio::test]
async fn no_delivery_leaves_this_machine_or_comes_back_to_the_fake() {
    let fake = Fake::start(&[]).await;
    let own = format!("http://{}/hooks", fake.server.address());
    fake.done("POST", "/webhooks/callbacks", &json!({"url": own, "secret": "s"}).to_string()).await;
    fake.done("POST", "/webhooks/fire", &json!({"event_type": "x", "unknown": true, "url": own}).to_string()).await;
    let webhooks = settled(&fake, "waiting").await;
    let error = webhooks["deliveries"][0]["attempts"][0]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("is the fake's own"), "{error}");
    for url in
        ["http://10.0.0.1:9/", "http://192.0.2.1/", "https://a@127.0.0.1/", "http://a@127.0.0.1/", "file:///x", "x"]
    {
        let callback = json!({"url": url, "secret": "s"}).to_string();
        assert_eq!(fake.control("POST", "/webhooks/callbacks", &callback).await.status, 400, "{url}");
    }
}

#[tokio::test]
async fn an_endless_answer_ends_with_its_head() {
    // The head is all that counts; ten megabytes that follow are not read.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/webhooks/callbacks", &json!({"url": url, "secret": "s"}).to_string()).await;
    fire(&fake, json!({})).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let writing = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n").await.unwrap();
        while stream.write_all(&vec![b'x'; 1 << 16]).await.is_ok() {}
    });
    settled(&fake, "delivered").await;
    // The sender has closed the connection, so that writing ends.
    tokio::time::timeout(Duration::from_mins(1), writing).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused() {
    let fake = Fake::start(&[]).await;
    for (path, body, status) in [
        ("/webhooks/fire", r#"{"event_type": "x", "unknown": true}"#, 409),
        ("/webhooks/fire", r#"{"event_type": "crew.profile.changed"}"#, 409),
        ("/webhooks/fire", r#"{"event_type": "x"}"#, 400),
        ("/webhooks/fire", r#"{"event_type": "crew.profile.changed", "crew": "nobody"}"#, 404),
        ("/webhooks/fire", r#"{"event_type": "crew.document.updated", "crew": "crew_001", "document": "x"}"#, 404),
        ("/webhooks/fire", r#"{"event_type": "crew.profile.changed", "data": []}"#, 400),
        ("/webhooks/fire", r#"{"event_type": "crew.profile.changed", "copies": 0}"#, 400),
        ("/webhooks/fire", r#"{"event_type": "crew.profile.changed", "after": "soon"}"#, 400),
        ("/webhooks/fire", r#"{"event_type": "crew.profile.changed", "alter": {"signature": "odd"}}"#, 400),
        ("/webhooks/alter", r#"{"alter": {}, "times": 0}"#, 400),
        ("/webhooks/alter", r#"{"alter": {"event_id": null}}"#, 400),
        ("/webhooks/alter", r#"{"copies": 0}"#, 400),
        ("/webhooks/alter", r#"{"after": "soon"}"#, 400),
        ("/webhooks/redeliver", r#"{"delivery": 7}"#, 404),
        ("/webhooks/callbacks", r#"{"url": "http://127.0.0.1:9/", "secret": "s", "partner": "nobody"}"#, 404),
    ] {
        assert_eq!(fake.control("POST", path, body).await.status, status, "{path} {body}");
    }
}
