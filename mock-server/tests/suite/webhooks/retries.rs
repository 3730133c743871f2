//! Retries on the session's clock, dead letters, and what is final.

use serde_json::{Value, json};

use super::deliveries::{fake_for, settled};
use super::receiver::Receiver;

async fn change(fake: &crate::support::fake::Fake) {
    fake.done("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "rejected"}"#).await;
}

#[tokio::test]
async fn one_long_move_of_the_clock_runs_all_attempts_and_leaves_a_dead_letter() {
    let receiver = Receiver::start(&["HTTP/1.1 500 Oops\r\n\r\n"]).await;
    let fake = fake_for(&receiver).await;
    change(&fake).await;
    let waiting = settled(&fake, "waiting").await;
    assert_eq!(waiting["deliveries"][0]["due"], "2026-06-08T10:00:30Z");
    fake.done("POST", "/clock", r#"{"advance": "29s"}"#).await;
    assert_eq!(receiver.received().len(), 1);
    fake.done("POST", "/clock", r#"{"advance": "3h"}"#).await;
    let dead = settled(&fake, "dead").await;
    assert_eq!(dead["deliveries"][0]["attempts"].as_array().unwrap().len(), 8);
    assert_eq!(receiver.received().len(), 8, "there is no ninth attempt");
    let ids: Vec<_> =
        receiver.received().iter().map(|delivery| delivery.text("x-crewpass-event-id").to_owned()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let refused = fake.control("GET", "/webhooks/verify", "").await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (409, &Value::from("webhooks_not_delivered")));
    assert_eq!(fake.done("POST", "/webhooks/redeliver", "").await, json!({"redelivered": 1}));
    receiver.wait_for(9).await;
}

#[tokio::test]
async fn a_delivery_waits_twice_as_long_after_each_attempt() {
    let receiver = Receiver::start(&["HTTP/1.1 429 Slow\r\n\r\n"]).await;
    let fake = fake_for(&receiver).await;
    change(&fake).await;
    let mut due = Vec::new();
    for attempts in 1..8 {
        loop {
            let webhooks = settled(&fake, "waiting").await;
            if webhooks["deliveries"][0]["attempts"].as_array().unwrap().len() == attempts {
                due.push(webhooks["deliveries"][0]["due"].as_str().unwrap()[11..19].to_owned());
                break;
            }
        }
        let at = due.last().unwrap();
        fake.done("POST", "/clock", &json!({"set": format!("2026-06-08T{at}Z")}).to_string()).await;
        receiver.wait_for(attempts + 1).await;
    }
    assert_eq!(due, ["10:00:30", "10:01:30", "10:03:30", "10:07:30", "10:15:30", "10:31:30", "11:03:30"]);
    settled(&fake, "dead").await;
}

#[tokio::test]
async fn a_status_is_final_or_tried_again_as_documented() {
    for (answer, state) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "delivered"),
        ("HTTP/1.1 299 Odd\r\n\r\n", "delivered"),
        ("HTTP/1.1 400 Bad\r\n\r\n", "refused"),
        ("HTTP/1.1 410 Gone\r\n\r\n", "refused"),
        ("HTTP/1.1 408 Late\r\n\r\n", "waiting"),
        ("HTTP/1.1 429 Slow\r\n\r\n", "waiting"),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "waiting"),
        ("HTTP/1.1 503 Busy\r\n\r\n", "waiting"),
        ("nonsense\r\n\r\n", "waiting"),
        // These end with the connection.
        ("HTTP/1.1 200 OK\r\nContent-Le", "waiting"),
        ("H", "waiting"),
    ] {
        let answers: &'static [&'static str] = Box::leak(Box::new([answer]));
        let receiver = Receiver::start(answers).await;
        let fake = fake_for(&receiver).await;
        change(&fake).await;
        settled(&fake, state).await;
    }
}

/// Fires an event with a name in its `data` after each of these waits.
async fn fire_after(fake: &crate::support::fake::Fake, waits: &[u32]) {
    for wait in waits {
        let body = json!({"event_type": "crew.profile.changed", "data": {"after": wait}, "after": format!("{wait}s")});
        fake.done("POST", "/webhooks/fire", &body.to_string()).await;
    }
}

/// The names in `data` of what arrived, in that order.
fn arrived(receiver: &Receiver) -> Vec<u64> {
    receiver.received().iter().map(|delivery| delivery.json()["data"]["after"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn one_long_move_of_the_clock_delivers_in_the_order_of_the_due_times() {
    let receiver = Receiver::start(&["HTTP/1.1 200 OK\r\n\r\n"]).await;
    let fake = fake_for(&receiver).await;
    let waits: Vec<u32> = (1..=20).map(|place| place * 10).collect();
    // Neither the order in which they came to be nor their numbers decide.
    fire_after(&fake, &waits.iter().rev().copied().collect::<Vec<_>>()).await;
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    receiver.wait_for(20).await;
    assert_eq!(arrived(&receiver), waits.iter().map(|wait| u64::from(*wait)).collect::<Vec<_>>());
}

#[tokio::test]
async fn repeated_attempts_have_their_place_in_that_order() {
    let receiver = Receiver::start(&["HTTP/1.1 503 Busy\r\n\r\n"]).await;
    let fake = fake_for(&receiver).await;
    fire_after(&fake, &[20, 10]).await;
    fake.done("POST", "/clock", r#"{"advance": "3h"}"#).await;
    receiver.wait_for(16).await;
    assert_eq!(arrived(&receiver), [10, 20].repeat(8), "each wait is as long for both");
}

#[tokio::test]
async fn what_is_sent_again_by_hand_has_all_its_attempts_again() {
    let receiver = Receiver::start(&["HTTP/1.1 400 Bad\r\n\r\n", "HTTP/1.1 503 Busy\r\n\r\n"]).await;
    let fake = fake_for(&receiver).await;
    change(&fake).await;
    settled(&fake, "refused").await;
    fake.done("POST", "/webhooks/redeliver", "").await;
    let waiting = settled(&fake, "waiting").await;
    assert_eq!(waiting["deliveries"][0]["due"], "2026-06-08T10:00:30Z", "the first wait, not the second");
    fake.done("POST", "/clock", r#"{"advance": "3h"}"#).await;
    let dead = settled(&fake, "dead").await;
    assert_eq!(dead["deliveries"][0]["attempts"].as_array().unwrap().len(), 1 + 8);
}
