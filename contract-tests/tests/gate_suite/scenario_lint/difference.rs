//! The things in which an answer differs from another: status, header by header, and body.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::answer::Answer;

/// The headers that follow from the body.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

/// Returns what differs, one entry for each thing that somebody changed.
///
/// A length follows from its body, a type from a body of another type, and an entity tag from other bytes. A coding is
/// one thing with the bytes that it makes, and a length that is missing one with the chunks in its place.
pub(super) fn differences(friendly: &Answer, other: &Answer) -> Vec<String> {
    let body = body_difference(friendly, other);
    let mut found = Vec::new();
    if friendly.status != other.status {
        found.push(format!("status {} for {}", other.status, friendly.status));
    }
    let names: BTreeSet<&String> = friendly.headers.keys().chain(other.headers.keys()).collect();
    for name in names {
        let (known, now) = (friendly.headers.get(name), other.headers.get(name));
        let follows = match name.as_str() {
            "content-length" if other.headers.contains_key("transfer-encoding") => true,
            name if FRAMING.contains(&name) => !body.is_empty(),
            "content-type" => body.iter().any(|part| part == BODY),
            "content-encoding" => body.iter().any(|part| part == CODING),
            "content-range" => other.status == 206 && !body.is_empty(),
            _ => false,
        };
        if known != now && !follows {
            found.push(format!("header {name}: {} for {}", shown(now), shown(known)));
        }
    }
    found.extend(body);
    found
}

const BODY: &str = "body";
const CODING: &str = "coding of the body";
const END: &str = "end of the body";

fn shown(value: Option<&String>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| format!("`{value}`"))
}

fn body_difference(friendly: &Answer, other: &Answer) -> Vec<String> {
    if friendly.body == other.body {
        return Vec::new();
    }
    if other.headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
        let mut plain = Vec::new();
        let is_read = GzDecoder::new(&*other.body).read_to_end(&mut plain).is_ok();
        // Other bytes in a coding are one thing, too: a bomb is both.
        if is_read && (plain == friendly.body || !plain.starts_with(&friendly.body)) {
            return vec![CODING.to_owned()];
        }
    }
    match (friendly.json(), other.json()) {
        (Some(known), Some(now)) if other.status >= 400 => fields(&known, &now),
        (Some(known), Some(now)) => {
            let mut found = Vec::new();
            pointers(&known, &now, "", &mut found);
            found
        }
        _ if !other.body.is_empty() && friendly.body.starts_with(&other.body) => vec![END.to_owned()],
        _ => vec![BODY.to_owned()],
    }
}

/// Returns the top-level fields that differ.
fn fields(known: &Value, now: &Value) -> Vec<String> {
    let names = |value: &Value| value.as_object().map(|fields| fields.keys().cloned().collect::<BTreeSet<_>>());
    match (names(known), names(now)) {
        (Some(one), Some(other)) if one == other => {
            one.into_iter().filter(|name| known[name] != now[name]).map(|name| format!("/{name}")).collect()
        }
        _ => vec![BODY.to_owned()],
    }
}

/// Adds the pointers of the values that differ.
fn pointers(known: &Value, now: &Value, at: &str, found: &mut Vec<String>) {
    match (known, now) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                match (one.get(name), other.get(name)) {
                    (Some(known), Some(now)) => pointers(known, now, &format!("{at}/{name}"), found),
                    _ => found.push(format!("{at}/{name}")),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (place, (known, now)) in one.iter().zip(other).enumerate() {
                pointers(known, now, &format!("{at}/{place}"), found);
            }
        }
        _ if known != now => found.push(at.to_owned()),
        _ => {}
    }
}

#[test]
fn each_thing_that_was_changed_is_one_difference() {
    let answer = |headers: &[(&str, &str)], body: &str| Answer {
        status: 200,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.into(),
    };
    let friendly = answer(&[("content-type", "application/json"), ("content-length", "9")], "{\"a\": [1]}");
    assert_eq!(differences(&friendly, &friendly), Vec::<String>::new());
    let changed = answer(&[("content-type", "application/json"), ("content-length", "7")], "{\"a\": [2], \"b\": 1}");
    assert_eq!(differences(&friendly, &changed), ["/a/0", "/b"]);
    let page = answer(&[("content-type", "text/html"), ("content-length", "3")], "<p>");
    assert_eq!(differences(&friendly, &page), [BODY]);
    let typed = answer(&[("content-type", "text/html"), ("content-length", "9")], "{\"a\": [1]}");
    assert_eq!(differences(&friendly, &typed), ["header content-type: `text/html` for `application/json`"]);
    let without = answer(&[("content-length", "9")], "<p>");
    assert_eq!(differences(&friendly, &without), [BODY]);
    let short = answer(&[("content-type", "application/json"), ("content-length", "900")], "{\"a\": ");
    assert_eq!(differences(&friendly, &short), [END]);
    let refused = Answer { status: 404, ..friendly.clone() };
    assert_eq!(differences(&friendly, &refused), ["status 404 for 200"]);
}
