//! Broken senders, each with one bug.

use serde_json::{Value, json};

use crate::sender::harness::SECRET;
use crate::sender::proxy::{Bug, Memory, Passing, Way, hears, sends};

/// The key of the expectation that is named `full`.
const FULL: &str = "cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25";

/// Changes each delivery, and signs it again.
fn edit(passing: &mut Passing, change: impl FnOnce(&mut Value)) -> Way {
    passing.edit(change);
    Way::Pass
}

/// Sets a header of each delivery.
fn set(passing: &mut Passing, name: &'static str, value: &str) -> Way {
    passing.set(name, value);
    Way::Pass
}

/// Changes the event that is answered with 204 before the first failure.
fn edit_taken(passing: &mut Passing, change: impl FnOnce(&mut Value)) -> Way {
    if passing.number == 2 { edit(passing, change) } else { Way::Pass }
}

/// Gives another id to the second attempt of the first event that is answered with 503.
fn rename(passing: &mut Passing, memory: &mut Memory) -> Way {
    if passing.attempt > 1 && memory.get("503") == Some(&passing.event) {
        passing.set("x-crewpass-event-id", "evt_other");
        passing.edit(|body| body["event_id"] = json!("evt_other"));
    }
    Way::Pass
}

fn remember_503(status: u16, passing: &Passing, memory: &mut Memory) -> u16 {
    if status == 503 {
        memory.entry("503".to_owned()).or_insert_with(|| passing.event.clone());
    }
    status
}

/// Delivers no new event once one was answered with 410.
fn stop_after_gone(passing: &mut Passing, memory: &mut Memory) -> Way {
    let is_later = memory.get("410").is_some_and(|gone| *gone != passing.event);
    if is_later { Way::Swallow(204) } else { Way::Pass }
}

fn remember_410(status: u16, passing: &Passing, memory: &mut Memory) -> u16 {
    if status == 410 {
        memory.insert("410".to_owned(), passing.event.clone());
    }
    status
}

/// Every broken sender.
pub(crate) const BUGS: &[Bug] = &[
    sends(
        "puts",
        |passing, _| {
            passing.method = http::Method::PUT;
            Way::Pass
        },
        &["CPS-HOOK-01"],
    ),
    sends("no-time", |passing, _| edit(passing, |body| body["occurred_at"] = json!("now")), &["CPS-HOOK-02"]),
    sends("version-as-text", |passing, _| edit(passing, |body| body["schema_version"] = json!("1")), &["CPS-HOOK-02"]),
    sends("null-as-data", |passing, _| edit(passing, |body| body["data"] = Value::Null), &["CPS-HOOK-02"]),
    sends("other-partner", |passing, _| edit(passing, |body| body["partner_id"] = json!("prt_9")), &["CPS-HOOK-03"]),
    sends(
        "no-type-header",
        |passing, _| {
            passing.headers.remove("x-crewpass-event-type");
            Way::Pass
        },
        &["CPS-HOOK-04"],
    ),
    sends(
        "two-timestamps",
        |passing, _| {
            let again = passing.headers["x-crewpass-timestamp"].clone();
            passing.headers.append("x-crewpass-timestamp", again);
            Way::Pass
        },
        &["CPS-HOOK-04"],
    ),
    sends("other-id-header", |passing, _| set(passing, "x-crewpass-event-id", "evt_9"), &["CPS-HOOK-05"]),
    sends("version-2-header", |passing, _| set(passing, "x-crewpass-schema-version", "2"), &["CPS-HOOK-05"]),
    sends(
        "milliseconds",
        |passing, _| {
            let seconds = passing.text("x-crewpass-timestamp");
            passing.set("x-crewpass-timestamp", &format!("{seconds}000"));
            passing.sign();
            Way::Pass
        },
        &["CPS-HOOK-06"],
    ),
    sends(
        "capital-digits",
        |passing, _| {
            let signature = passing.text("x-crewpass-signature");
            set(passing, "x-crewpass-signature", &signature.to_uppercase().replace("V1", "v1"))
        },
        &["CPS-HOOK-07"],
    ),
    sends(
        "signature-of-another-second",
        |passing, _| {
            let seconds: i64 = passing.text("x-crewpass-timestamp").parse().unwrap();
            set(passing, "x-crewpass-timestamp", &(seconds + 1).to_string())
        },
        &["CPS-HOOK-08"],
    ),
    sends(
        "later-attempts-unsigned",
        |passing, _| {
            if passing.attempt > 1 {
                let signature = format!("v1={}", "0".repeat(64));
                passing.set("x-crewpass-signature", &signature);
            }
            Way::Pass
        },
        &["CPS-HOOK-08"],
    ),
    sends(
        "loses-an-event",
        |passing, _| if passing.number == 6 { Way::Swallow(204) } else { Way::Pass },
        &["CPS-HOOK-09"],
    ),
    hears("503-is-done", |status, _, _| if status == 503 { 204 } else { status }, &["CPS-HOOK-10"]),
    hears("408-is-final", |status, _, _| if status == 408 { 400 } else { status }, &["CPS-HOOK-11"]),
    hears("429-is-final", |status, _, _| if status == 429 { 400 } else { status }, &["CPS-HOOK-11"]),
    hears(
        "204-is-not-done",
        |status, passing, _| if status == 204 && passing.number == 2 { 500 } else { status },
        &["CPS-HOOK-12"],
    ),
    hears("400-is-tried-again", |status, _, _| if status == 400 { 500 } else { status }, &["CPS-HOOK-13"]),
    hears("410-is-tried-again", |status, _, _| if status == 410 { 500 } else { status }, &["CPS-HOOK-13"]),
    Bug { sent: stop_after_gone, ..hears("410-ends-all", remember_410, &["CPS-HOOK-14"]) },
    sends(
        "seven-attempts",
        |passing, _| if passing.attempt == 8 { Way::Swallow(503) } else { Way::Pass },
        &["CPS-HOOK-15"],
    ),
    sends("nine-attempts", |passing, _| if passing.attempt == 8 { Way::Twice } else { Way::Pass }, &["CPS-HOOK-16"]),
    sends(
        "a-wait-is-left-out",
        |passing, _| match passing.attempt {
            4 => Way::Twice,
            5 => Way::Swallow(503),
            _ => Way::Pass,
        },
        &["CPS-HOOK-17"],
    ),
    Bug { sent: rename, ..hears("another-id-for-an-attempt", remember_503, &["CPS-HOOK-18"]) },
    hears("no-dead-letter", |status, passing, _| if passing.attempt == 8 { 204 } else { status }, &["CPS-HOOK-19"]),
    sends(
        "another-type",
        |passing, _| {
            if passing.number != 1 {
                return Way::Pass;
            }
            passing.set("x-crewpass-event-type", "crew.profile.changed");
            edit(passing, |body| body["event_type"] = json!("crew.profile.changed"))
        },
        &["CPS-HOOK-20"],
    ),
    sends(
        "without-consent",
        |passing, _| edit_taken(passing, |body| body["data"]["crew_unique_id"] = json!("crew_002")),
        &["CPS-HOOK-21"],
    ),
    sends(
        "off-the-fleet",
        |passing, _| edit_taken(passing, |body| body["data"]["crew_unique_id"] = json!("crew_003")),
        &["CPS-HOOK-22"],
    ),
    sends("shows-a-key", |passing, _| edit_taken(passing, |body| body["debug"] = json!(FULL)), &["CPS-HOOK-23"]),
    sends("shows-its-secret", |passing, _| set(passing, "x-debug", &format!("with {SECRET}")), &["CPS-HOOK-23"]),
];

/// Alterations of the fake's own, with the clauses that fail then.
pub(crate) const ALTERATIONS: &[(&str, &[&str])] = &[
    (r#"{"signature": "other_secret"}"#, &["CPS-HOOK-08"]),
    (r#"{"signature": "missing"}"#, &["CPS-HOOK-04"]),
    (r#"{"signature": "empty"}"#, &["CPS-HOOK-04"]),
    (r#"{"signature": "one_digit"}"#, &["CPS-HOOK-07", "CPS-HOOK-08"]),
    (r#"{"signature": "short"}"#, &["CPS-HOOK-07", "CPS-HOOK-08"]),
    (r#"{"signature": "long"}"#, &["CPS-HOOK-07", "CPS-HOOK-08"]),
    (r#"{"signature": "multibyte"}"#, &["CPS-HOOK-07", "CPS-HOOK-08"]),
    (r#"{"signature": "body_alone"}"#, &["CPS-HOOK-08"]),
    (r#"{"timestamp": "missing"}"#, &["CPS-HOOK-04"]),
    (r#"{"timestamp": "not_a_number"}"#, &["CPS-HOOK-06", "CPS-HOOK-08"]),
    (r#"{"timestamp": "changed"}"#, &["CPS-HOOK-08"]),
    (r#"{"age": 600}"#, &["CPS-HOOK-06"]),
    (r#"{"age": -600}"#, &["CPS-HOOK-06"]),
    (r#"{"body": "value"}"#, &["CPS-HOOK-08"]),
    (r#"{"body": "blanks"}"#, &["CPS-HOOK-08"]),
    (r#"{"event_id": "evt_9"}"#, &["CPS-HOOK-05"]),
    (r#"{"event_type": "crew.unknown"}"#, &["CPS-HOOK-05"]),
    (r#"{"schema_version": "2"}"#, &["CPS-HOOK-05"]),
    (r#"{"chunked": true}"#, &[]),
    (r#"{"slow_headers": "300ms"}"#, &[]),
];
