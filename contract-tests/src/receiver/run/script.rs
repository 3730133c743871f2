//! The deliveries that a receiver must accept, and those that it must refuse.

use crewpass_mock::WebhookSecret;
use http::Method;

use super::delivery::{Delivery, Event, STATUS, UPDATED};
use super::stage::{EFFECT, Stage};
use crate::client::run::HarnessError;

/// Valid deliveries: about a person with two documents, about another, and again about that one, who has a new document.
pub(super) async fn valid(stage: &mut Stage) -> Result<(), HarnessError> {
    let event = stage.next_event();
    let delivery = event.signed(&stage.secret);
    stage.right("valid", "a valid delivery about a person with two documents", &event, delivery).await;
    let event = Event { kind: UPDATED.to_owned(), ..stage.next_event() };
    let delivery = event.signed(&stage.secret);
    stage.right("valid", "a valid delivery of crew.document.updated", &event, delivery).await;
    let document = stage.replace_document(&event)?;
    let event = Event { id: stage.event_id(), document, ..event };
    let delivery = event.signed(&stage.secret);
    stage.right("valid", "a later delivery about the same person, whose document was replaced", &event, delivery).await;
    Ok(())
}

/// Returns a right delivery with one fault in its signature or timestamp.
type Fault = fn(&Stage, &Event) -> Delivery;

/// Every fault, with its words.
const FAULTS: [(&str, Fault); 11] = [
    ("a signature of another secret", |_, event| event.signed(&WebhookSecret::new("another secret"))),
    ("no signature", |stage, event| Delivery { signature: None, ..event.signed(&stage.secret) }),
    ("an empty signature", |stage, event| event.signed(&stage.secret).with_signature("")),
    ("the first of 64 digits of the signature", |stage, event| cut(event.signed(&stage.secret), 4)),
    ("the first 63 of 64 digits of the signature", |stage, event| cut(event.signed(&stage.secret), 66)),
    ("a signature of 65 digits", |stage, event| {
        let right = event.signed(&stage.secret);
        let long = right.signature_text() + "0";
        right.with_signature(long)
    }),
    ("a signature with a character of two bytes", |stage, event| {
        let right = event.signed(&stage.secret);
        let text = right.signature_text();
        let odd = format!("{}\u{e9}", text.get(..66).unwrap_or_default());
        right.with_signature(odd)
    }),
    ("a signature over the body alone", |stage, event| {
        let right = event.signed(&stage.secret);
        let alone = sign_alone(&stage.secret, &right.body);
        right.with_signature(alone)
    }),
    ("no timestamp", |stage, event| event.signed(&stage.secret).with_timestamp(None)),
    ("a timestamp that is not a number", |stage, event| event.signed(&stage.secret).with_timestamp(Some("now".into()))),
    ("a timestamp that was changed after signing", |stage, event| {
        let right = event.signed(&stage.secret);
        let other =
            right.timestamp.as_deref().and_then(|text| text.parse::<i64>().ok()).map(|time| (time + 1).to_string());
        right.with_timestamp(other)
    }),
];

/// Returns the signature over a body alone. What is signed is a text, `.` and a text: here the parts of the body.
fn sign_alone(secret: &WebhookSecret, body: &[u8]) -> String {
    let dot = body.iter().position(|byte| *byte == b'.').unwrap_or_default();
    let (before, after) = (&body[..dot], body.get(dot + 1..).unwrap_or_default());
    secret.sign(&String::from_utf8_lossy(before), after)
}

fn cut(right: Delivery, length: usize) -> Delivery {
    let text = right.signature_text();
    right.with_signature(text.get(..length).unwrap_or_default())
}

/// Each fault of a signature or timestamp, and a valid delivery after each.
pub(super) async fn signatures(stage: &mut Stage) {
    for (what, fault) in FAULTS {
        let event = stage.next_event();
        let delivery = fault(stage, &event);
        stage.send("wrong", what, &event, delivery).await;
        // Without the control, further faults show nothing.
        if !stage.control().await {
            return;
        }
    }
}

/// A body that names another person than the signed one: of a delivery that is new, and of one that was accepted.
pub(super) async fn changed_value(stage: &mut Stage) {
    for is_captured in [false, true] {
        let (signed, other) = (stage.next_event(), stage.next_event());
        let right = signed.signed(&stage.secret);
        if is_captured && !stage.right("captured", "a valid delivery", &signed, right.clone()).await {
            return;
        }
        let forged = Delivery { event_id: other.id.clone(), ..right.with_body(other.body()) };
        let what = if is_captured {
            "an accepted delivery with another person in its body"
        } else {
            "a delivery with another person in its body than was signed"
        };
        stage.send("wrong", what, &other, forged).await;
        if !stage.control().await {
            return;
        }
    }
}

/// Returns a JSON text in the form that many writers give by default.
fn spaced(body: &str) -> String {
    body.replace("\":", "\": ").replace(",\"", ", \"")
}

/// Returns a JSON text over several lines.
fn pretty(body: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_default()
}

/// Bodies whose values are those that were signed.
pub(super) async fn changed_blanks(stage: &mut Stage) {
    for (what, signed_form, sent_form) in [
        ("a compact body, sent with blanks after commas and colons", None, Some(spaced as fn(&str) -> String)),
        ("a compact body, sent over several lines", None, Some(pretty as fn(&str) -> String)),
        ("a body with blanks, sent without them", Some(spaced as fn(&str) -> String), None),
    ] {
        let event = stage.next_event();
        let compact = event.body();
        let form = |form: Option<fn(&str) -> String>| form.map_or_else(|| compact.clone(), |form| form(&compact));
        let delivery = event.signed_as(&stage.secret, form(signed_form)).with_body(form(sent_form));
        stage.send("wrong", what, &event, delivery).await;
        if !stage.control().await {
            return;
        }
    }
}

/// A document event that names nobody.
const WITHOUT_DATA: &str = r#"{"schema_version":1,"event_id":"evt_without_data","event_type":"crew.document.processed","partner_id":"prt_123"}"#;

/// A document event that names nobody either.
const NULL_DATA: &str =
    r#"{"schema_version":1,"event_id":"evt_null_data","event_type":"crew.document.processed","data":null}"#;

/// Requests that are not deliveries, and a valid delivery after each.
pub(super) async fn not_deliveries(stage: &mut Stage) {
    for (what, method, body) in [
        ("a GET", Method::GET, None),
        ("a HEAD", Method::HEAD, None),
        ("a signed body that is not JSON", Method::POST, Some("{\"event_id\": ")),
        ("a signed body that is a JSON array", Method::POST, Some("[]")),
        ("a signed body that is empty", Method::POST, Some("")),
        ("a signed document event without `data`", Method::POST, Some(WITHOUT_DATA)),
        ("a signed document event whose `data` is null", Method::POST, Some(NULL_DATA)),
    ] {
        let event = stage.next_event();
        let right = match body {
            Some(body) => event.signed_as(&stage.secret, body),
            None => event.signed(&stage.secret),
        };
        stage.send("wrong", what, &event, Delivery { method, ..right }).await;
        if !stage.control().await {
            return;
        }
    }
}

/// Headers that are not signed and say something else than the body.
pub(super) async fn headers(stage: &mut Stage) {
    let event = stage.next_event();
    let right = event.signed(&stage.secret);
    if stage.right("captured", "a valid delivery", &event, right.clone()).await {
        let other = Delivery { event_id: stage.event_id(), ..right };
        stage.send("other-id", "the same delivery with another Event-Id header", &event, other).await;
    }
    if !stage.control().await {
        return;
    }
    let event = stage.next_event();
    let kind = event.kind.clone();
    let status = Event { kind: STATUS.to_owned(), ..event };
    let delivery = Delivery { event_type: kind, ..status.signed(&stage.secret) };
    stage
        .send("wrong", "a signed crew.status.changed with the Event-Type header of a document event", &status, delivery)
        .await;
    stage.control().await;
}

/// Deliveries that are signed with the empty key.
pub(super) async fn empty_key(stage: &mut Stage) {
    let event = stage.next_event();
    let delivery = event.signed(&stage.secret);
    let place = stage.send("wrong", "a delivery that is signed with the empty key", &event, delivery).await;
    // No valid delivery follows that would show when this one would have been handled.
    if stage.answer(place).is_success() {
        stage.wait_for_effects(&[place], EFFECT / 10).await;
    }
}
