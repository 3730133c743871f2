//! Whether a delivery that arrived is what the model expects: its headers, its signature and its body.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::super::model::State;
use super::super::world::PARTNERS;
use super::parts::{AGE, Alteration, Callback, Delivery, Event, OTHER_TYPE, SECRETS};
use super::receiver::Received;

/// The real time of a step, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) begun: i64,
    pub(crate) ended: i64,
}

/// Compares a request with the delivery that it should be, and returns its timestamp.
pub(crate) fn check(state: &State, delivery: &Delivery, id: &str, moment: Moment, arrived: &Received) -> i64 {
    let event = &state.hooks.events[delivery.event];
    let body: Value = serde_json::from_slice(&arrived.body).unwrap();
    assert_eq!(body, body_json(event, id));
    let kind = if delivery.alteration == Alteration::OtherType { OTHER_TYPE } else { event.kind };
    let is_chunked = delivery.alteration == Alteration::Chunked;
    let wanted = [
        ("x-crewpass-event-id", Some(id)),
        ("x-crewpass-event-type", Some(kind)),
        ("x-crewpass-schema-version", Some("1")),
        ("content-type", Some("application/json")),
        ("transfer-encoding", is_chunked.then_some("chunked")),
    ];
    for (name, value) in wanted {
        assert_eq!(arrived.header(name), value, "{name} of {arrived:?}");
    }
    assert_eq!(arrived.method, "POST");
    let written = arrived.header("x-crewpass-timestamp").unwrap();
    let timestamp: i64 = written.parse().unwrap();
    let is_of_session = state.policy("webhook_timestamp") == "session";
    let Moment { begun, ended } = if is_of_session { Moment { begun: state.now, ended: state.now } } else { moment };
    let age = if delivery.alteration == Alteration::Old { AGE } else { 0 };
    assert!((begun..=ended).contains(&(timestamp + age)), "{timestamp} is not {age}s before {begun} to {ended}");
    let is_both = state.policy("webhook_rotation") == "both";
    let by = state.hooks.signing(delivery);
    check_signature(&by, delivery.alteration, is_both, written, arrived);
    timestamp
}

/// The body of an event.
fn body_json(event: &Event, id: &str) -> Value {
    let Event { kind, partner, occurred, data } = event;
    let occurred = jiff::Timestamp::from_second(*occurred).unwrap().to_string();
    json!({"schema_version": 1, "event_id": id, "event_type": kind, "occurred_at": occurred,
           "partner_id": PARTNERS[*partner], "data": data})
}

fn check_signature(by: &Callback, alteration: Alteration, is_both: bool, timestamp: &str, arrived: &Received) {
    let signed = [timestamp.as_bytes(), b".", &arrived.body].concat();
    let right = signature(SECRETS[by.secret], &signed);
    let given = arrived.header("x-crewpass-signature");
    match alteration {
        Alteration::NoSignature => assert_eq!(given, None),
        Alteration::BodyAlone => assert_eq!(given, Some(&*signature(SECRETS[by.secret], &arrived.body))),
        Alteration::OtherSecret => {
            let given = given.unwrap();
            let digits = given.strip_prefix("v1=").unwrap();
            assert!(digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{given}");
            assert!(SECRETS.iter().all(|secret| signature(secret, &signed) != given), "{given} is right");
        }
        Alteration::Nothing | Alteration::Chunked | Alteration::OtherType | Alteration::Old => {
            let previous = by.previous.filter(|_| is_both).map(|secret| signature(SECRETS[secret], &signed));
            let wanted = previous.map_or_else(|| right.clone(), |previous| format!("{right},{previous}"));
            assert_eq!(given, Some(&*wanted));
        }
    }
}

fn signature(secret: &str, signed: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed);
    mac.finalize().into_bytes().iter().fold("v1=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
