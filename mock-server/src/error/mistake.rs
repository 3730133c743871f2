//! A mistake in a request, in the form of the framework that the documentation names (P, /errors/index).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

/// The kind of the mistake of a body that is not JSON.
const NOT_JSON: &str = "json_invalid";

/// The longest text of a caller that an answer repeats, in characters.
const LONGEST_INPUT: usize = 200;

/// A mistake: where it is, what is wrong, and what was sent (D).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Place>,
    msg: Cow<'static, str>,
    input: Value,
}

/// A step on the way to a mistake.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Place {
    Name(Cow<'static, str>),
    Offset(usize),
}

impl Mistake {
    /// Creates a mistake in a value of the query.
    pub(crate) fn in_query(name: &str, kind: &'static str, msg: impl Into<Cow<'static, str>>, input: &str) -> Self {
        let loc = vec![Place::Name("query".into()), Place::Name(shortened(name).into())];
        Self { loc, msg: msg.into(), kind, input: shortened(input).into() }
    }

    /// Creates the mistake of an unknown parameter.
    pub(crate) fn unknown_parameter(name: &str, input: &str) -> Self {
        Self::in_query(name, "extra_forbidden", "Extra inputs are not permitted", input)
    }

    /// Creates a mistake in a field of the body.
    pub(crate) fn in_body(name: &str, kind: &'static str, msg: &'static str, input: &Value) -> Self {
        let loc = vec![Place::Name("body".into()), Place::Name(shortened(name).into())];
        Self { loc, msg: msg.into(), kind, input: bounded(input) }
    }

    /// Creates the mistake of an unknown field.
    pub(crate) fn unknown_field(name: &str, input: &Value) -> Self {
        Self::in_body(name, "extra_forbidden", "Extra inputs are not permitted", input)
    }

    /// Creates the mistake of a missing body.
    pub(crate) fn missing_body() -> Self {
        Self::of_body("missing", "Field required", Value::Null)
    }

    /// Creates the mistake of a body that is not an object.
    pub(crate) fn not_an_object(input: &Value) -> Self {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        Self::of_body("model_attributes_type", msg, bounded(input))
    }

    /// Creates the mistake of a body that is not JSON from an offset on.
    pub(crate) fn not_json(offset: usize) -> Self {
        let mut mistake = Self::of_body(NOT_JSON, "JSON decode error", Value::Object(serde_json::Map::new()));
        mistake.loc.push(Place::Offset(offset));
        mistake
    }

    /// Returns true if the body is not JSON.
    pub(crate) fn is_not_json(&self) -> bool {
        self.kind == NOT_JSON
    }

    fn of_body(kind: &'static str, msg: &'static str, input: Value) -> Self {
        Self { loc: vec![Place::Name("body".into())], msg: msg.into(), kind, input }
    }

    /// Formats the mistake for people, without what was sent.
    pub(crate) fn describe(&self) -> String {
        let steps = self.loc.iter().map(|place| match place {
            Place::Name(name) => name.to_string(),
            Place::Offset(offset) => offset.to_string(),
        });
        format!("{}: {}", steps.collect::<Vec<_>>().join("."), self.msg)
    }
}

/// Bounds a value of the caller: a text is shortened, and what is not small is left out.
fn bounded(input: &Value) -> Value {
    match input {
        Value::String(text) => shortened(text).into(),
        Value::Array(_) | Value::Object(_) if input.to_string().len() > LONGEST_INPUT => Value::Null,
        other => other.clone(),
    }
}

/// Shortens a text of the caller.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_INPUT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
