//! The policies of webhooks: the time that is signed, `Retry-After` of a receiver, and secrets that change.

use serde_json::{Value, json};

use super::deliveries::{DOCUMENTS, settled};
use super::receiver::{Received, Receiver};
use crate::support::fake::Fake;

/// Each policy with its values, the default first; the tests below hold each of them.
pub(crate) const VALUES: &[(&str, &[&str])] = &[
    ("webhook_timestamp", &["real", "session"]),
    ("webhook_retry_after", &["ignored", "honoured"]),
    ("webhook_rotation", &["new", "both"]),
];

const OK: &[&str] = &["HTTP/1.1 204 No Content\r\n\r\n"];

async fn fake(receiver: &Receiver, policies: &[&str]) -> Fake {
    let fake = Fake::start(policies).await;
    add_callback(&fake, receiver, "whsec_old").await;
    fake
}

async fn add_callback(fake: &Fake, receiver: &Receiver, secret: &str) {
    let callback = json!({"url": receiver.url(), "secret": secret, "events": DOCUMENTS});
    fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
}

async fn change(fake: &Fake) {
    fake.done("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "rejected"}"#).await;
}

/// The signature of a delivery under a secret.
fn signature(delivery: &Received, secret: &str) -> String {
    crewpass_mock::WebhookSecret::new(secret).sign(delivery.text("x-crewpass-timestamp"), &delivery.body)
}

#[tokio::test]
async fn the_timestamp_is_real_time_or_that_of_the_session() {
    for (policies, is_real) in
        [(&[][..], true), (&["webhook_timestamp=real"], true), (&["webhook_timestamp=session"], false)]
    {
        let receiver = Receiver::start(OK).await;
        let fake = fake(&receiver, policies).await;
        let before = jiff::Timestamp::now().as_second();
        change(&fake).await;
        let delivery = receiver.wait_for(1).await.remove(0);
        let at: i64 = delivery.text("x-crewpass-timestamp").parse().unwrap();
        // 2026-06-08T10:00:00Z, at which the clock is frozen.
        assert_eq!(at != 1_780_912_800, is_real, "{policies:?}");
        assert_eq!((before..=jiff::Timestamp::now().as_second()).contains(&at), is_real, "{policies:?}");
        assert_eq!(delivery.text("x-crewpass-signature"), signature(&delivery, "whsec_old"));
    }
}

#[tokio::test]
async fn a_receiver_that_asks_to_wait_is_heard_where_the_policy_says_so() {
    for (policies, answer, due) in [
        (&[][..], "Retry-After: 120", "10:00:30"),
        (&["webhook_retry_after=ignored"], "Retry-After: 120", "10:00:30"),
        (&["webhook_retry_after=honoured"], "Retry-After: 120", "10:02:00"),
        // It is no earlier than without it, and one that can't be read is none.
        (&["webhook_retry_after=honoured"], "Retry-After: 1", "10:00:30"),
        (&["webhook_retry_after=honoured"], "Retry-After: soon", "10:00:30"),
        (&["webhook_retry_after=honoured"], "X-Other: 1", "10:00:30"),
    ] {
        let answers: &'static [&'static str] =
            Box::leak(Box::new([&*format!("HTTP/1.1 503 Busy\r\n{answer}\r\n\r\n").leak()]));
        let receiver = Receiver::start(answers).await;
        let fake = fake(&receiver, policies).await;
        change(&fake).await;
        let delivery = settled(&fake, "waiting").await["deliveries"][0].clone();
        assert_eq!(delivery["due"], format!("2026-06-08T{due}Z"), "{policies:?} {answer}");
        let seconds = answer.strip_prefix("Retry-After: ").and_then(|text| text.parse::<u64>().ok());
        assert_eq!(delivery["attempts"][0]["retry_after"], json!(seconds), "it is shown, heard or not");
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_counts_from_the_answer() {
    let receiver =
        Receiver::start(&["HTTP/1.1 500 Oops\r\n\r\n", "HTTP/1.1 429 Slow\r\nRetry-After: 600\r\n\r\n"]).await;
    let fake = fake(&receiver, &["webhook_retry_after=honoured"]).await;
    change(&fake).await;
    settled(&fake, "waiting").await;
    // The second attempt was due at 10:00:30, and is made an hour later.
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    receiver.wait_for(2).await;
    let due = loop {
        let delivery = settled(&fake, "waiting").await["deliveries"][0].clone();
        if delivery["attempts"].as_array().unwrap().len() == 2 {
            break delivery["due"].clone();
        }
    };
    assert_eq!(due, "2026-06-08T11:10:00Z");
    // A 2xx and a final status have nothing to wait for.
    let receiver = Receiver::start(&["HTTP/1.1 410 Gone\r\nRetry-After: 600\r\n\r\n"]).await;
    let fake = self::fake(&receiver, &["webhook_retry_after=honoured"]).await;
    change(&fake).await;
    assert_eq!(settled(&fake, "refused").await["deliveries"][0]["due"], Value::Null);
}

#[tokio::test]
async fn after_a_rotation_the_new_secret_signs_or_both_do() {
    for (policies, is_both) in
        [(&[][..], false), (&["webhook_rotation=new"], false), (&["webhook_rotation=both"], true)]
    {
        let receiver = Receiver::start(OK).await;
        let fake = fake(&receiver, policies).await;
        change(&fake).await;
        let delivery = receiver.wait_for(1).await.remove(0);
        assert_eq!(delivery.text("x-crewpass-signature"), signature(&delivery, "whsec_old"), "nothing rotated yet");
        add_callback(&fake, &receiver, "whsec_new").await;
        // The same secret again is no rotation.
        add_callback(&fake, &receiver, "whsec_new").await;
        fake.done("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "expired"}"#).await;
        let delivery = receiver.wait_for(2).await.remove(1);
        let [new, old] = ["whsec_new", "whsec_old"].map(|secret| signature(&delivery, secret));
        let expected = if is_both { format!("{new},{old}") } else { new };
        assert_eq!(delivery.text("x-crewpass-signature"), expected, "{policies:?}");
        // A wrong signature is wrong under both secrets.
        let fire = json!({"event_type": "x", "unknown": true, "alter": {"signature": "other_secret"}}).to_string();
        fake.done("POST", "/webhooks/fire", &fire).await;
        let delivery = receiver.wait_for(3).await.remove(2);
        let sent = delivery.text("x-crewpass-signature");
        assert!(
            ["whsec_new", "whsec_old"].iter().all(|secret| !sent.contains(&signature(&delivery, secret))),
            "{sent}"
        );
        let shown = fake.done("GET", "/webhooks", "").await.to_string();
        assert!(!shown.contains("whsec_old") && !shown.contains("whsec_new"), "{shown}");
    }
}

#[tokio::test]
async fn a_delivery_that_is_tried_again_is_signed_with_the_secret_of_that_moment() {
    let receiver = Receiver::start(&["HTTP/1.1 500 Oops\r\n\r\n", "HTTP/1.1 204 Done\r\n\r\n"]).await;
    let fake = fake(&receiver, &[]).await;
    change(&fake).await;
    settled(&fake, "waiting").await;
    add_callback(&fake, &receiver, "whsec_new").await;
    fake.done("POST", "/clock", r#"{"advance": "30s"}"#).await;
    let delivery = receiver.wait_for(2).await.remove(1);
    assert_eq!(delivery.text("x-crewpass-signature"), signature(&delivery, "whsec_new"));
}

#[tokio::test]
async fn a_world_names_the_previous_secret() {
    let receiver = Receiver::start(OK).await;
    let world = json!({
        "partners": [{"id": "p", "keys": [{"name": "k"}]}],
        "policies": {"webhook_rotation": "both"},
        "callbacks": [{"url": receiver.url(), "secret": "whsec_new", "previous_secret": "whsec_old"}],
    });
    let world = crewpass_mock::World::parse(&world.to_string(), "rotated", None).unwrap();
    let fake = Fake::built(&[], |builder| builder.world(world)).await;
    fake.done("POST", "/webhooks/fire", r#"{"event_type": "x", "unknown": true}"#).await;
    let delivery = receiver.wait_for(1).await.remove(0);
    let [new, old] = ["whsec_new", "whsec_old"].map(|secret| signature(&delivery, secret));
    assert_eq!(delivery.text("x-crewpass-signature"), format!("{new},{old}"));
}
