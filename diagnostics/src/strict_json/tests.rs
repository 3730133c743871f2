//! Tests of strict JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    scopes: Vec<String>,
    on: Option<bool>,
    count: Option<u32>,
    inner: Option<Box<Change>>,
    #[serde(default)]
    named: BTreeMap<String, Choice>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Plain,
    Number(u64),
    Fields { a: u8 },
}

fn refused(text: &str) -> String {
    message(&from_str::<Change>(text).unwrap_err())
}

#[test]
fn what_fits_is_read() {
    let text = r#"{"scopes": ["a"], "on": true, "count": 7, "inner": {"on": null},
        "named": {"x": "plain", "y": {"number": 3}, "z": {"fields": {"a": 1}}, "\u0061": "plain"}}"#;
    let read: Change = from_str(text).unwrap();
    let plain: Change = serde_json::from_str(text).unwrap();
    assert_eq!(read, plain);
    assert_eq!(from_value::<Change>(serde_json::from_str(text).unwrap()).unwrap(), plain);
    assert_eq!(from_slice::<Change>(text.as_bytes()).unwrap(), plain);
    assert_eq!(from_str::<Value>(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
}

#[test]
fn an_array_is_not_an_object() {
    for text in [
        r#"[["a"], true, 7, null, {}]"#,
        r#"{"inner": [[], null, null, null, {}]}"#,
        r#"{"named": {"x": {"fields": [1]}}}"#,
    ] {
        assert!(refused(text).starts_with("invalid type: array, expected an object at line 1"), "{}", refused(text));
    }
    from_value::<Change>(serde_json::json!({"inner": [[], null, null, null, {}]})).unwrap_err();
}

#[test]
fn a_key_is_given_once() {
    for text in [r#"{"on": true, "on": true}"#, r#"{"named": {"x": "plain", "\u0078": "plain"}}"#] {
        assert!(refused(text).contains("is given twice") || refused(text).contains("duplicate"), "{}", refused(text));
    }
    assert!(from_str::<Value>(r#"{"a": {"b": 1, "b": 2}}"#).is_err());
    let many = |last: &str| {
        let keys: Vec<_> = (0..40).map(|at| format!("\"k{at}\": 0")).chain([last.to_owned()]).collect();
        from_str::<Value>(&format!("{{{}}}", keys.join(", ")))
    };
    many("\"k40\": 0").unwrap();
    for again in [0, 15, 16, 39] {
        many(&format!("\"k{again}\": 0")).unwrap_err();
    }
}

#[test]
fn messages_use_the_words_of_json() {
    for (text, expected) in [
        (r#""x""#, "invalid type: string \"x\", expected an object"),
        (r#"{"scopes": {}}"#, "invalid type: object, expected an array"),
        (r#"{"scopes": null}"#, "invalid type: null, expected an array"),
        (r#"{"on": 1.5}"#, "invalid type: number `1.5`, expected a boolean"),
        (r#"{"count": -1}"#, "invalid value: number `-1`, expected a whole number that is not negative"),
        (r#"{"named": []}"#, "invalid type: array, expected an object"),
    ] {
        assert!(refused(text).starts_with(&format!("{expected} at line 1 column ")), "{}", refused(text));
    }
}

#[test]
fn a_number_without_a_fraction_is_whole_however_it_is_written() {
    for text in [r#"{"count": 3.0}"#, r#"{"count": 30e-1}"#] {
        assert_eq!(from_str::<Change>(text).unwrap().count, Some(3), "{text}");
    }
    for text in [r#"{"count": 3.5}"#, r#"{"count": -3.0}"#, r#"{"count": 1e300}"#, r#"{"count": 9007199254740994.0}"#] {
        refused(text);
    }
    assert_eq!(from_str::<Value>("[3.0]").unwrap(), serde_json::json!([3.0]));
}
