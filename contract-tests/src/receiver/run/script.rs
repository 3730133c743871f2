//! The deliveries that a receiver must accept, and those that it must refuse.

use crewpass_mock::WebhookSecret;
use http::Method;

use super::delivery::{Delivery, Event, STATUS, UPDATED};
use super::scenario_run::{EFFECT, ScenarioRun};
use crate::client::run::HarnessError;

/// Sends valid deliveries: about a person with two documents, about another, and again about that one, who has a new document.
pub(super) async fn valid(run: &mut ScenarioRun) -> Result<(), HarnessError> {
    let event = run.next_event();
    let delivery = event.signed(&run.secret);
    run.send_valid("valid", "a valid delivery about a person with two documents", &event, delivery).await;
    let event = Event { kind: UPDATED.to_owned(), ..run.next_event() };
    let delivery = event.signed(&run.secret);
    run.send_valid("valid", "a valid delivery of crew.document.updated", &event, delivery).await;
    let document = run.replace_document(&event)?;
    let event = Event { id: run.event_id(), document, ..event };
    let delivery = event.signed(&run.secret);
    run.send_valid("valid", "a later delivery about the same person, whose document was replaced", &event, delivery)
        .await;
    Ok(())
}

/// The function that creates a delivery with one fault in its signature or timestamp.
type Fault = fn(&ScenarioRun, &Event) -> Delivery;

/// Every fault, with its words.
const FAULTS: [(&str, Fault); 11] = [
    ("a signature of another secret", |_, event| event.signed(&WebhookSecret::new("another secret"))),
    ("no signature", |run, event| Delivery { signature: None, ..event.signed(&run.secret) }),
    ("an empty signature", |run, event| event.signed(&run.secret).with_signature("")),
    ("the first of 64 digits of the signature", |run, event| cut(event.signed(&run.secret), 4)),
    ("the first 63 of 64 digits of the signature", |run, event| cut(event.signed(&run.secret), 66)),
    ("a signature of 65 digits", |run, event| {
        let valid = event.signed(&run.secret);
        let long = valid.signature_text() + "0";
        valid.with_signature(long)
    }),
    ("a signature with a character of two bytes", |run, event| {
        let valid = event.signed(&run.secret);
        let text = valid.signature_text();
        let odd = format!("{}\u{e9}", text.get(..66).unwrap_or_default());
        valid.with_signature(odd)
    }),
    ("a signature over the body alone", |run, event| {
        let valid = event.signed(&run.secret);
        let alone = sign_alone(&run.secret, &valid.body);
        valid.with_signature(alone)
    }),
    ("no timestamp", |run, event| event.signed(&run.secret).with_timestamp(None)),
    ("a timestamp that is not a number", |run, event| event.signed(&run.secret).with_timestamp(Some("now".into()))),
    ("a timestamp that was changed after signing", |run, event| {
        let valid = event.signed(&run.secret);
        let other =
            valid.timestamp.as_deref().and_then(|text| text.parse::<i64>().ok()).map(|time| (time + 1).to_string());
        valid.with_timestamp(other)
    }),
];

/// Returns the signature over a body alone. What is signed is a text, `.` and a text: here the parts of the body.
fn sign_alone(secret: &WebhookSecret, body: &[u8]) -> String {
    let dot = body.iter().position(|byte| *byte == b'.').unwrap_or_default();
    let (before, after) = (&body[..dot], body.get(dot + 1..).unwrap_or_default());
    secret.sign(&String::from_utf8_lossy(before), after)
}

fn cut(valid: Delivery, length: usize) -> Delivery {
    let text = valid.signature_text();
    valid.with_signature(text.get(..length).unwrap_or_default())
}

/// Sends each fault of a signature or timestamp, and a valid delivery after each.
pub(super) async fn signatures(run: &mut ScenarioRun) {
    for (what, fault) in FAULTS {
        let event = run.next_event();
        let delivery = fault(run, &event);
        run.send("wrong", what, &event, delivery).await;
        // Without the control, further faults show nothing.
        if !run.control().await {
            return;
        }
    }
}

/// Sends a body that names another person than the signed one: of a delivery that is new, and of one that was accepted.
pub(super) async fn changed_value(run: &mut ScenarioRun) {
    for is_captured in [false, true] {
        let (signed, other) = (run.next_event(), run.next_event());
        let valid = signed.signed(&run.secret);
        if is_captured && !run.send_valid("captured", "a valid delivery", &signed, valid.clone()).await {
            return;
        }
        let forged = Delivery { event_id: other.id.clone(), ..valid.with_body(other.body()) };
        let what = if is_captured {
            "an accepted delivery with another person in its body"
        } else {
            "a delivery with another person in its body than was signed"
        };
        run.send("wrong", what, &other, forged).await;
        if !run.control().await {
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
pub(super) async fn changed_blanks(run: &mut ScenarioRun) {
    for (what, signed_form, sent_form) in [
        ("a compact body, sent with blanks after commas and colons", None, Some(spaced as fn(&str) -> String)),
        ("a compact body, sent over several lines", None, Some(pretty as fn(&str) -> String)),
        ("a body with blanks, sent without them", Some(spaced as fn(&str) -> String), None),
    ] {
        let event = run.next_event();
        let compact = event.body();
        let form = |form: Option<fn(&str) -> String>| form.map_or_else(|| compact.clone(), |form| form(&compact));
        let delivery = event.signed_as(&run.secret, form(signed_form)).with_body(form(sent_form));
        run.send("wrong", what, &event, delivery).await;
        if !run.control().await {
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
pub(super) async fn not_deliveries(run: &mut ScenarioRun) {
    for (what, method, body) in [
        ("a GET", Method::GET, None),
        ("a HEAD", Method::HEAD, None),
        ("a signed body that is not JSON", Method::POST, Some("{\"event_id\": ")),
        ("a signed body that is a JSON array", Method::POST, Some("[]")),
        ("a signed body that is empty", Method::POST, Some("")),
        ("a signed document event without `data`", Method::POST, Some(WITHOUT_DATA)),
        ("a signed document event whose `data` is null", Method::POST, Some(NULL_DATA)),
    ] {
        let event = run.next_event();
        let valid = match body {
            Some(body) => event.signed_as(&run.secret, body),
            None => event.signed(&run.secret),
        };
        run.send("wrong", what, &event, Delivery { method, ..valid }).await;
        if !run.control().await {
            return;
        }
    }
}

/// Sends headers that are not signed and differ from the body.
pub(super) async fn headers(run: &mut ScenarioRun) {
    let event = run.next_event();
    let valid = event.signed(&run.secret);
    if run.send_valid("captured", "a valid delivery", &event, valid.clone()).await {
        let other = Delivery { event_id: run.event_id(), ..valid };
        run.send("other-id", "the same delivery with another Event-Id header", &event, other).await;
    }
    if !run.control().await {
        return;
    }
    let event = run.next_event();
    let kind = event.kind.clone();
    let status = Event { kind: STATUS.to_owned(), ..event };
    let delivery = Delivery { event_type: kind, ..status.signed(&run.secret) };
    run.send("wrong", "a signed crew.status.changed with the Event-Type header of a document event", &status, delivery)
        .await;
    run.control().await;
}

/// Deliveries that are signed with the empty key.
pub(super) async fn empty_key(run: &mut ScenarioRun) {
    let event = run.next_event();
    let delivery = event.signed(&run.secret);
    let place = run.send("wrong", "a delivery that is signed with the empty key", &event, delivery).await;
    // No valid delivery follows that would show when this one would have been handled.
    if run.answer(place).is_success() {
        run.wait_for_effects(&[place], EFFECT / 10).await;
    }
}
