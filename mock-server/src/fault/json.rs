//! Changes to a JSON answer: fields set and removed by JSON Pointer (RFC 6901).

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value};

use super::loopback::foreign_host;
use super::template::off_loopback;

/// What is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonChange {
    set: BTreeMap<String, Value>,
    remove: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Fields {
    set: BTreeMap<String, Value>,
    remove: Vec<String>,
}

impl<'de> Deserialize<'de> for JsonChange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Fields { set, remove } = Fields::deserialize(from)?;
        if set.is_empty() && remove.is_empty() {
            return Err(D::Error::custom("`json` says what to `set` or to `remove`"));
        }
        for pointer in set.keys().chain(&remove) {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let told = format!("`{pointer}` is no JSON Pointer: write `/{pointer}`, or such as /items/0/title");
                return Err(D::Error::custom(told));
            }
        }
        if let Some(host) = set.values().find_map(foreign_in) {
            return Err(D::Error::custom(off_loopback(&host)));
        }
        Ok(Self { set, remove })
    }
}

fn foreign_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => foreign_host(text),
        Value::Array(items) => items.iter().find_map(foreign_in),
        Value::Object(fields) => fields.values().find_map(foreign_in),
        _ => None,
    }
}

impl JsonChange {
    /// Carries the changes out: what is set is there afterwards, whatever stood in its way.
    pub fn apply(&self, document: &mut Value) {
        for (pointer, value) in &self.set {
            *reach(document, &parts(pointer)) = value.clone();
        }
        for pointer in &self.remove {
            let mut way = parts(pointer);
            let Some(last) = way.pop() else { continue };
            match find(document, &way) {
                Some(Value::Object(fields)) => drop(fields.remove(&last)),
                Some(Value::Array(items)) => {
                    if let Some(at) = last.parse::<usize>().ok().filter(|at| *at < items.len()) {
                        items.remove(at);
                    }
                }
                _ => {}
            }
        }
    }
}

fn parts(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn find<'v>(document: &'v mut Value, way: &[String]) -> Option<&'v mut Value> {
    way.iter().try_fold(document, |value, part| match value {
        Value::Object(fields) => fields.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The place of a pointer, made where it is not there; an index past a list's end is its next item.
fn reach<'v>(mut value: &'v mut Value, way: &[String]) -> &'v mut Value {
    for part in way {
        let index = part.parse::<usize>().ok().or((part == "-").then_some(usize::MAX));
        if !(value.is_object() || value.is_array() && index.is_some()) {
            *value = Value::Object(Map::new());
        }
        value = match value {
            Value::Array(items) => {
                let at = index.unwrap_or_default().min(items.len());
                if at == items.len() {
                    items.push(Value::Null);
                }
                &mut items[at]
            }
            other => &mut other[part.as_str()],
        };
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_set_is_there_and_what_is_removed_is_gone() {
        let change: JsonChange = serde_json::from_value(json!({
            "set": {"/a/0/x~1y": 1, "/new/deep": null, "/a/-": 9, "/text/in": "way", "/digits/0": 1},
            "remove": ["/gone", "/a/1", "/a/2", "/not/there", ""]
        }))
        .unwrap();
        let mut document = json!({"a": [{}, 2], "gone": 1, "text": "t", "digits": "d"});
        change.apply(&mut document);
        assert_eq!(
            document,
            json!({"a": [{"x/y": 1}, 9], "new": {"deep": null}, "text": {"in": "way"}, "digits": {"0": 1}})
        );
    }

    #[test]
    fn changes_that_make_no_sense_are_refused() {
        for text in [r"{}", r#"{"remove": ["a"]}"#, r#"{"set": {"/u": ["http://example.com/"]}}"#, r#"{"put": {}}"#] {
            assert!(serde_json::from_str::<JsonChange>(text).is_err(), "{text}");
        }
    }
}
