//! A mistake in a request, in the form of the framework that the documentation names (P, /errors/index).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

/// The longest text of a caller that an answer repeats, in characters.
const LONGEST_INPUT: usize = 200;

/// A mistake: where it is, what is wrong, and what was sent (D).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    loc: Vec<Place>,
    msg: Cow<'static, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    input: Value,
}

/// A step on the way to a mistake.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Place {
    Name(Cow<'static, str>),
}

impl Mistake {
    /// A mistake in a value of the query.
    pub(crate) fn in_query(name: &str, kind: &'static str, msg: impl Into<Cow<'static, str>>, input: &str) -> Self {
        let loc = vec![Place::Name("query".into()), Place::Name(shortened(name).into())];
        Self { loc, msg: msg.into(), kind, input: shortened(input).into() }
    }

    /// A field or parameter that nobody knows.
    pub(crate) fn unknown_parameter(name: &str, input: &str) -> Self {
        Self::in_query(name, "extra_forbidden", "Extra inputs are not permitted", input)
    }

    /// Formats the mistake for people, without what was sent.
    pub(crate) fn describe(&self) -> String {
        let steps = self.loc.iter().map(|Place::Name(name)| &**name);
        format!("{}: {}", steps.collect::<Vec<_>>().join("."), self.msg)
    }
}

/// Shortens a text of the caller.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_INPUT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
