//! Valid deliveries in unusual forms.

use super::delivery::{Delivery, Event};
use super::scenario_run::{EFFECT, ScenarioRun, answer_of};
use super::sender::Connection;
use super::service::within_answer_time;

/// Writes the body of an event in some form.
type Form = fn(&Event) -> String;

/// Sends JSON that means the same as the fake's.
pub(super) async fn json_forms(run: &mut ScenarioRun) {
    const FORMS: [(&str, Form); 5] = [
        ("a body with letters beyond ASCII", |event| {
            event.body().replacen("\"data\":{", "\"note\":\"Zoë ✓ 船\",\"data\":{\"name\":\"Çağla Ñuñez\",", 1)
        }),
        ("a body with \\u escapes", |event| {
            event.body().replace("crew_", "\\u0063rew\\u005f").replacen("evt_", "\\u0065vt_", 1)
        }),
        ("a body with an escaped slash", |event| {
            event.body().replacen("\"data\":{", "\"data\":{\"page\":\"a\\/b\",", 1)
        }),
        ("a body with the number 1.0", |event| {
            event.body().replacen("\"schema_version\":1", "\"schema_version\":1.0", 1)
        }),
        ("a body with its members in another order, over several lines", |event| {
            let (data, Event { id, kind, .. }) = (event.data(), event);
            format!(
                "\n {{ \"data\" : {data},\r\n\t\"partner_id\": \"prt_123\", \"event_type\" :\"{kind}\",\n \
                \"occurred_at\":\"2026-06-08T10:00:00Z\" , \"event_id\": \"{id}\", \"schema_version\": 1 }}\n"
            )
        }),
    ];
    let mut places = Vec::new();
    for (what, form) in FORMS {
        let event = run.next_event();
        let delivery = event.signed_as(&run.secret, form(&event));
        places.push(run.send("form", what, &event, delivery).await);
    }
    run.wait_for_effects(&places, EFFECT).await;
}

/// Returns further members of a body, of about this length in bytes.
fn unknown_fields(bytes: usize) -> String {
    let members: Vec<_> =
        (0..bytes / 64).map(|number| format!("\"unknown_{number:06}\":\"{}\"", "x".repeat(45))).collect();
    format!(",\"more\":{{{}}}", members.join(","))
}

/// Bodies with many unknown fields.
pub(super) async fn large(run: &mut ScenarioRun) {
    for (step, what, bytes) in [
        ("large", "a body with 64 KiB of unknown fields", 64 << 10),
        ("huge", "a body with 1 MiB of unknown fields", 1 << 20),
    ] {
        let event = Event { more: unknown_fields(bytes), ..run.next_event() };
        let delivery = event.signed(&run.secret);
        let place = run.send(step, what, &event, delivery).await;
        // A receiver may handle an event and fail to say so.
        if !run.answer(place).is_final() || step == "large" {
            run.wait_for_effects(&[place], EFFECT).await;
        }
    }
}

/// Timestamps that are old, a little old, and a little ahead.
pub(super) async fn ages(run: &mut ScenarioRun) {
    for (step, what, age) in [
        ("near", "a delivery that was signed 60 s ago", 60),
        ("near", "a delivery whose timestamp is 60 s ahead", -60),
        ("wrong", "a delivery that was signed 10 minutes ago", 600),
    ] {
        let event = Event { age, ..run.next_event() };
        let delivery = event.signed(&run.secret);
        let place = run.send(step, what, &event, delivery).await;
        if step == "near" && !run.wait_for_effects(&[place], EFFECT).await {
            return;
        }
    }
    run.control().await;
}

/// Sends an unknown type, unknown fields and an unknown version.
pub(super) async fn unknown(run: &mut ScenarioRun) {
    let event = Event { kind: "crew.certificate.renamed".to_owned(), ..run.next_event() };
    let delivery = event.signed(&run.secret);
    run.send("type", "a delivery of an unknown event type", &event, delivery).await;
    let more = r#","trace":{"id":"t_1","tags":["a",null,1.5e3]},"test":true"#.to_owned();
    let event = Event { more, ..run.next_event() };
    let delivery = event.signed(&run.secret);
    run.send_valid("fields", "a delivery with unknown fields", &event, delivery).await;
    let event = Event { version: "2".to_owned(), ..run.next_event() };
    let delivery = event.signed(&run.secret);
    run.send("version", "a delivery of schema version 2", &event, delivery).await;
    run.control().await;
}

/// Sends header names in lower case, a charset, two deliveries on one connection, and chunks.
pub(super) async fn connection(run: &mut ScenarioRun) {
    let event = run.next_event();
    let lower = Delivery { lower_case: true, ..event.signed(&run.secret) };
    let mut places = vec![run.send("form", "a delivery with header names in lower case", &event, lower).await];
    let event = run.next_event();
    let charset = Delivery { content_type: "application/json; charset=utf-8", ..event.signed(&run.secret) };
    places.push(run.send("form", "a delivery with `; charset=utf-8`", &event, charset).await);
    places.extend(two_on_one_connection(run).await);
    run.wait_for_effects(&places, EFFECT).await;
    let event = run.next_event();
    let chunked = Delivery { chunked: true, ..event.signed(&run.secret) };
    let place = run.send("chunked", "a delivery in chunks", &event, chunked).await;
    if !run.answer(place).is_final() {
        run.wait_for_effects(&[place], EFFECT).await;
    }
}

/// Sends two deliveries on one connection. If the receiver closes it after the first, the second is not sent.
async fn two_on_one_connection(run: &mut ScenarioRun) -> Vec<usize> {
    let events = [run.next_event(), run.next_event()];
    let deliveries = [events[0].signed(&run.secret), events[1].signed(&run.secret)];
    let (monitor, target) = (run.monitor(), run.target.clone());
    let mut connection = within_answer_time(&monitor, Connection::open(&target, false)).await;
    let (mut places, whats) =
        (Vec::new(), ["the first delivery on a connection", "the second delivery on a connection"]);
    for ((event, delivery), what) in events.iter().zip(&deliveries).zip(whats) {
        let reply = match &mut connection {
            Some(Ok(connection)) => within_answer_time(&monitor, connection.send(&target, delivery)).await,
            _ => Some(Err(std::io::Error::other("no connection"))),
        };
        let closes = reply.as_ref().is_some_and(|reply| reply.as_ref().is_ok_and(|reply| reply.closes));
        places.push(run.record("form", what, std::slice::from_ref(&event.person), delivery, answer_of(reply)));
        if closes {
            break;
        }
    }
    places
}
