//! Checks of one delivery: method, body, headers, timestamp and signature. No finding repeats a signature.

use crewpass_diagnostics::SecretFinder;
use jiff::Timestamp;
use serde_json::Value;

use crate::client::judge::Verdict;
use crate::sender::seen::{
    Attempt, Check, EVENT_ID, EVENT_TYPE, HEADERS, SCHEMA_VERSION, SIGNATURE, Seen, TIMESTAMP, each, unexercised,
};
use crate::sender::signature::{hmac, sign};

/// The tolerance of the time of signing, in seconds.
const TOLERANCE: i64 = 300;
/// The longest part of a value that a finding repeats, in characters.
const LONGEST: usize = 80;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-HOOK-01", method),
    ("CPS-HOOK-02", body),
    ("CPS-HOOK-03", partner),
    ("CPS-HOOK-04", headers),
    ("CPS-HOOK-05", agreement),
    ("CPS-HOOK-06", timestamp),
    ("CPS-HOOK-07", signature_form),
    ("CPS-HOOK-08", signature),
    ("CPS-HOOK-23", secrets),
];

/// What is expected and what is observed, if that differs.
type Wrong = Option<(String, String)>;

#[expect(clippy::unnecessary_wraps, reason = "a check returns it as it is")]
fn wrong(expected: impl Into<String>, observed: impl Into<String>) -> Wrong {
    Some((expected.into(), observed.into()))
}

/// Returns a value as a finding shows it, cut.
fn shown(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mut cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    format!("`{cut}`")
}

fn method(seen: &Seen<'_>) -> Verdict {
    each(&seen.attempts, |one| if one.method == "POST" { None } else { wrong("POST", shown(one.method.as_bytes())) })
}

fn body(seen: &Seen<'_>) -> Verdict {
    each(&seen.attempts, |one| {
        if let Some(why) = &one.broken {
            return wrong("a whole request", why);
        }
        let body = match serde_json::from_slice::<Value>(&one.body) {
            Ok(Value::Object(body)) => Value::Object(body),
            Ok(_) => return wrong("a JSON object", "other JSON"),
            Err(error) => return wrong("a JSON object", format!("a body that is not JSON: {error}")),
        };
        let is_text = |name: &str| body[name].as_str().is_some_and(|text| !text.is_empty());
        let is_time = body["occurred_at"].as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok());
        let fields = [
            ("schema_version", body["schema_version"].as_i64() == Some(1), "the integer 1"),
            ("event_id", is_text("event_id"), "a string"),
            ("event_type", is_text("event_type"), "a string"),
            ("occurred_at", is_time, "a date-time"),
            ("partner_id", is_text("partner_id"), "a string"),
            ("data", body["data"].is_object(), "an object"),
        ];
        let (name, _, expected) = fields.into_iter().find(|(_, is_right, _)| !is_right)?;
        let observed = body.get(name).map_or_else(|| "nothing".to_owned(), |value| shown(value.to_string().as_bytes()));
        wrong(format!("`{name}`: {expected}"), format!("`{name}`: {observed}"))
    })
}

fn partner(seen: &Seen<'_>) -> Verdict {
    let Some(expected) = seen.expect.me.as_ref().and_then(|me| me.text("partner_id")) else { return unexercised() };
    let known = seen.attempts.iter().filter(|one| one.json()["partner_id"].is_string());
    each(known, |one| {
        let found = &one.json()["partner_id"];
        if found == expected { None } else { wrong(format!("`{expected}`"), shown(found.to_string().as_bytes())) }
    })
}

fn headers(seen: &Seen<'_>) -> Verdict {
    each(&seen.attempts, |one| {
        let count = |name: &str| one.values(name).filter(|value| !value.is_empty()).count();
        let name = HEADERS.into_iter().find(|name| count(name) != 1)?;
        let observed = match one.values(name).count() {
            0 => "none".to_owned(),
            1 => "an empty one".to_owned(),
            several => format!("{several} of them"),
        };
        wrong(format!("{name} once"), observed)
    })
}

fn agreement(seen: &Seen<'_>) -> Verdict {
    each(&seen.attempts, |one| {
        let body = one.json();
        let pairs = [(EVENT_ID, "event_id"), (EVENT_TYPE, "event_type"), (SCHEMA_VERSION, "schema_version")];
        pairs.into_iter().find_map(|(header, field)| {
            let said = match &body[field] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            let found = one.header(header)?;
            if found == said.as_bytes() {
                return None;
            }
            wrong(format!("{header}: {}, as the body says", shown(said.as_bytes())), shown(found))
        })
    })
}

/// Returns the seconds of a timestamp of the documented form.
pub(super) fn seconds(attempt: &Attempt) -> Option<i64> {
    let text = std::str::from_utf8(attempt.header(TIMESTAMP)?).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn timestamp(seen: &Seen<'_>) -> Verdict {
    let events = seen.events();
    let is_first = |one: &Attempt| events.iter().any(|event| event.attempts[0].seq == one.seq);
    each(seen.attempts.iter().filter(|one| one.header(TIMESTAMP).is_some()), |one| {
        let Some(seconds) = seconds(one) else {
            return wrong("Unix seconds in digits", shown(one.header(TIMESTAMP)?));
        };
        let off = seconds.saturating_sub(one.arrived);
        if !seen.has_real_time() || !is_first(one) || off.abs() <= TOLERANCE {
            return None;
        }
        let side = if off < 0 { "before" } else { "after" };
        wrong(format!("a time within {TOLERANCE} s of the arrival"), format!("{} s {side} it", off.unsigned_abs()))
    })
}

/// Returns the signatures of a delivery: after a rotation there may be several.
pub(super) fn signatures(attempt: &Attempt) -> Vec<&[u8]> {
    let header = attempt.header(SIGNATURE).filter(|value| !value.is_empty());
    header.into_iter().flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii).collect()
}

fn signature_form(seen: &Seen<'_>) -> Verdict {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    each(seen.attempts.iter().filter(|one| !signatures(one).is_empty()), |one| {
        signatures(one).into_iter().find_map(|signature| {
            let digits = signature.strip_prefix(b"v1=");
            if digits.is_some_and(|digits| digits.len() == 64 && digits.iter().all(is_digit)) {
                return None;
            }
            let observed = match digits {
                None => "another beginning".to_owned(),
                Some(digits) if digits.len() != 64 => format!("`v1=` and {} characters", digits.len()),
                Some(_) => "`v1=` and other characters".to_owned(),
            };
            wrong("`v1=` and 64 hexadecimal digits in lower case", observed)
        })
    })
}

fn signature(seen: &Seen<'_>) -> Verdict {
    let signed = |one: &&Attempt| one.broken.is_none() && !signatures(one).is_empty();
    each(seen.attempts.iter().filter(signed), |one| {
        let right = sign(&seen.secret, one.header(TIMESTAMP)?, &one.body);
        if signatures(one).iter().any(|found| found.eq_ignore_ascii_case(right.as_bytes())) {
            return None;
        }
        wrong("the HMAC-SHA256 of timestamp, full stop and raw body under the secret", explained(seen, one))
    })
}

/// Returns a likely reason for a wrong signature.
fn explained(seen: &Seen<'_>, one: &Attempt) -> &'static str {
    let of_body = hmac(&seen.secret, &[&one.body]);
    let is_of_body = signatures(one).iter().any(|found| found.eq_ignore_ascii_case(of_body.as_bytes()));
    if is_of_body { "that of the body alone" } else { "another one: another secret, or other bytes" }
}

fn secrets(seen: &Seen<'_>) -> Verdict {
    let keys = seen.expect.keys.iter().map(|(name, key)| (format!("the key `{name}`"), key.key.reveal()));
    let secrets = keys.chain([("the secret of the callback".to_owned(), seen.secret.as_str())]);
    let finders: Vec<_> = secrets.map(|(name, secret)| (name, SecretFinder::new(secret))).collect();
    each(&seen.attempts, |one| {
        let places = one.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        places.chain([("the body", one.body.as_slice())]).find_map(|(place, bytes)| {
            let (name, _) = finders.iter().find(|(_, finder)| finder.find_in(bytes).is_some())?;
            wrong("no secret", format!("{name} in {}", shown(place.as_bytes())))
        })
    })
}
