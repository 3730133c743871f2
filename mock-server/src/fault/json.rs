//! Changes to a JSON answer: fields set and removed by JSON Pointer (RFC 6901).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::loopback::foreign_host;
use super::template::off_loopback;

/// Fields to set and to remove, by pointer.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "Fields")]
pub struct JsonChange {
    set: BTreeMap<String, Value>,
    remove: Vec<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    set: BTreeMap<String, Value>,
    remove: Vec<String>,
}

impl TryFrom<Fields> for JsonChange {
    type Error = String;

    fn try_from(Fields { set, remove }: Fields) -> Result<Self, String> {
        if set.is_empty() && remove.is_empty() {
            return Err("`json` needs `set` or `remove`".to_owned());
        }
        for pointer in set.keys().chain(&remove) {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                return Err(format!(
                    "`{pointer}` is not a JSON Pointer: write `/{pointer}`, or such as /items/0/title"
                ));
            }
        }
        match set.values().find_map(foreign_in) {
            Some(host) => Err(off_loopback(&host)),
            None => Ok(Self { set, remove }),
        }
    }
}

/// Returns the first host in the value that is not on this machine.
fn foreign_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => foreign_host(text),
        Value::Array(items) => items.iter().find_map(foreign_in),
        Value::Object(fields) => fields.values().find_map(foreign_in),
        _ => None,
    }
}

impl JsonChange {
    /// Applies the changes. A pointer to set replaces any value on its path that is not a container.
    pub fn apply(&self, document: &mut Value) {
        for (pointer, value) in &self.set {
            *find_or_create(document, &parts(pointer)) = value.clone();
        }
        for pointer in &self.remove {
            let mut path = parts(pointer);
            let Some(last) = path.pop() else { continue };
            match find(document, &path) {
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

/// Splits a pointer and decodes `~1` and `~0`.
fn parts(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn find<'v>(document: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(document, |value, part| match value {
        Value::Object(fields) => fields.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Returns the value at a pointer, and creates it if it is missing; an index past a list's end is its next item.
fn find_or_create<'v>(mut value: &'v mut Value, path: &[String]) -> &'v mut Value {
    for part in path {
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
    fn pointers_are_set_and_removed() {
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
    fn invalid_changes_are_refused() {
        for text in [r"{}", r#"{"remove": ["a"]}"#, r#"{"set": {"/u": ["http://example.com/"]}}"#, r#"{"put": {}}"#] {
            assert!(serde_json::from_str::<JsonChange>(text).is_err(), "{text}");
        }
    }
}
