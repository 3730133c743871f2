//! A change of a session in words, for the rows of the console and of `ctl journal`.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Describes a change of a topic by its masked detail. `at` is the time of the change.
pub(super) fn describe(topic: &str, detail: &Value, at: Timestamp) -> String {
    match topic {
        "webhook" => attempt(detail, at),
        "callback" if detail["cleared"] == true => "every callback is removed".to_owned(),
        "callback" => callback(detail),
        "fire" => {
            let count = deliveries(detail["deliveries"].as_u64());
            format!("{} as {}: {count}", text(&detail["event_type"]), text(&detail["event_id"]))
        }
        "redeliver" => match &detail["delivery"] {
            Value::Null => format!("sent again: {}", deliveries(detail["redelivered"].as_u64())),
            number => format!("delivery {number} is sent again"),
        },
        "alter" => alter(detail),
        "reset" => "the session is as it was at its start".to_owned(),
        _ => plain(detail),
    }
}

/// Describes an attempt of a delivery: where it went, how it ended, and what follows.
fn attempt(detail: &Value, at: Timestamp) -> String {
    let made = detail["attempts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let last = made.last().unwrap_or(&Value::Null);
    let outcome = match last["error"].as_str() {
        Some(error) => without_number(error),
        None => plain(&last["status"]),
    };
    let next = match detail["state"].as_str() {
        Some("delivered") => "delivered".to_owned(),
        Some("refused") => "refused, so not tried again".to_owned(),
        Some("dead") => "given up".to_owned(),
        _ => next_attempt(detail, at),
    };
    let altered = if detail["altered"] == true { " (altered)" } else { "" };
    let (event, url) = (text(&detail["event_type"]), text(&detail["url"]));
    format!("{event}{altered} -> {url}: {outcome}, attempt {} of {}, {next}", detail["attempt"], detail["of"])
}

/// Returns an error without the number that the system adds: `Connection refused (os error 111)`.
fn without_number(error: &str) -> String {
    error.split_once(" (os error ").map_or(error, |(words, _)| words).to_owned()
}

fn next_attempt(detail: &Value, at: Timestamp) -> String {
    let due: Option<Timestamp> = detail["due"].as_str().and_then(|due| due.parse().ok());
    let seconds = due.map_or(0, |due| due.as_second().saturating_sub(at.as_second()));
    match (seconds / 60, seconds % 60) {
        (..=0, ..=0) => "next at once".to_owned(),
        (..2, _) => format!("next in {seconds} s"),
        (minutes, 0) => format!("next in {minutes} min"),
        (minutes, rest) => format!("next in {minutes} min {rest} s"),
    }
}

fn callback(detail: &Value) -> String {
    let partner = detail["partner"].as_str().unwrap_or("the first partner");
    let events = if detail["events"].is_null() { "all events".to_owned() } else { plain(&detail["events"]) };
    let warning = detail["warning"].as_str().map(|warning| format!("; {warning}")).unwrap_or_default();
    format!("{} gets {events} of {partner}{warning}", text(&detail["url"]))
}

fn alter(detail: &Value) -> String {
    let which = match detail["times"].as_u64().unwrap_or_default() {
        1 => "the next delivery".to_owned(),
        count => format!("the next {count} deliveries"),
    };
    let mut what = match detail["alter"].as_object() {
        Some(alteration) => alteration.clone(),
        None => Map::new(),
    };
    what.retain(|_, value| !value.is_null() && *value != false);
    let what = if what.is_empty() { "not altered".to_owned() } else { format!("altered ({})", pairs(&what)) };
    let copies = detail["copies"].as_u64().map(|copies| format!(", {copies} copies each")).unwrap_or_default();
    let after = detail["after"].as_str().map(|after| format!(", {after} late")).unwrap_or_default();
    format!("{which}: {what}{copies}{after}")
}

fn deliveries(count: Option<u64>) -> String {
    match count.unwrap_or_default() {
        1 => "1 delivery".to_owned(),
        count => format!("{count} deliveries"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Formats any value without the signs of JSON: `link up, file down`.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(nested).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => pairs(fields),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn pairs(fields: &Map<String, Value>) -> String {
    let shown = fields.iter().filter(|(_, value)| !value.is_null());
    let pair = |(name, value): (&String, &Value)| match value {
        Value::Bool(true) => name.clone(),
        Value::Bool(false) => format!("not {name}"),
        _ => format!("{name} {}", nested(value)),
    };
    shown.map(pair).collect::<Vec<_>>().join(", ")
}

fn nested(value: &Value) -> String {
    match value {
        Value::Object(_) => format!("({})", plain(value)),
        Value::Array(items) if items.len() > 1 => format!("({})", plain(value)),
        _ => plain(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(topic: &str, detail: &Value) -> String {
        describe(topic, detail, "2026-06-08T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn an_attempt_says_how_it_ended_and_what_follows() {
        let delivery = |state: &str, attempt: u64, due: Value, last: Value| {
            json!({"event_type": "crew.document.processed", "url": "http://127.0.0.1:9000/x", "state": state,
                "due": due, "attempts": [{"status": 500}, last], "altered": false, "attempt": attempt, "of": 8})
        };
        let waiting =
            |due: &str| delivery("waiting", 2, json!(due), json!({"error": "Connection refused (os error 111)"}));
        let head = "crew.document.processed -> http://127.0.0.1:9000/x:";
        for (detail, end) in [
            (waiting("2026-06-08T10:01:30Z"), "Connection refused, attempt 2 of 8, next in 90 s"),
            (waiting("2026-06-08T10:16:00Z"), "Connection refused, attempt 2 of 8, next in 16 min"),
            (waiting("2026-06-08T10:02:05Z"), "Connection refused, attempt 2 of 8, next in 2 min 5 s"),
            (waiting("2026-06-08T09:59:00Z"), "Connection refused, attempt 2 of 8, next at once"),
            (delivery("delivered", 2, json!(null), json!({"status": 204})), "204, attempt 2 of 8, delivered"),
            (delivery("dead", 8, json!(null), json!({"status": 503})), "503, attempt 8 of 8, given up"),
            (
                delivery("refused", 1, json!(null), json!({"status": 410})),
                "410, attempt 1 of 8, refused, so not tried again",
            ),
        ] {
            assert_eq!(described("webhook", &detail), format!("{head} {end}"));
        }
    }

    #[test]
    fn changes_of_webhooks_are_sentences() {
        let (url, kind) = ("http://127.0.0.1:9000/x", "crew.document.updated");
        for (topic, detail, words) in [
            ("callback", json!({"url": url, "partner": null, "events": null}), "gets all events of the first partner"),
            ("callback", json!({"url": url, "partner": "prt_1", "events": [kind, "b"]}), "updated, b of prt_1"),
            ("callback", json!({"cleared": true}), "every callback is removed"),
            ("fire", json!({"event_type": kind, "event_id": "evt_1", "deliveries": 1}), "as evt_1: 1 delivery"),
            ("redeliver", json!({"redelivered": 3}), "sent again: 3 deliveries"),
            ("redeliver", json!({"redelivered": 1, "delivery": 7}), "delivery 7 is sent again"),
            (
                "alter",
                json!({"alter": {"signature": "missing", "chunked": false}, "times": 2, "copies": 3, "after": "5s"}),
                "the next 2 deliveries: altered (signature missing), 3 copies each, 5s late",
            ),
            ("alter", json!({"alter": {}, "times": 1}), "the next delivery: not altered"),
        ] {
            let found = described(topic, &detail);
            assert!(found.ends_with(words), "{topic}: {found}");
        }
    }

    #[test]
    fn other_changes_show_no_sign_of_json() {
        let detail = json!({"now": "2026-06-08T10:16:00Z", "frozen": true, "none": null});
        let words = described("clock", &detail);
        assert!(
            words.contains("now 2026-06-08T10:16:00Z") && words.contains("frozen") && !words.contains("none"),
            "{words}"
        );
        assert_eq!(described("key", &json!({"revoked": false})), "not revoked");
        assert_eq!(described("reset", &json!({"reset": true})), "the session is as it was at its start");
        let nested = described("crew", &json!({"id": "crew_001", "vessels": [], "consent": {"prt": ["a", "b"]}}));
        assert!(nested.contains("vessels none") && nested.contains("consent (prt (a, b))"), "{nested}");
        assert!(!nested.contains(['{', '"', '[']), "{nested}");
    }
}
