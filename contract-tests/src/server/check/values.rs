//! Known values of fields against those of an answer.

use serde_json::Value;

use crate::server::expect_crew::{Values, is_same};
use crate::server::question::{Answer, Credential};
use crate::server::rule::{Rule, scope_of};
use crate::server::seen::{Seen, Wrong};

/// Returns what differs between known values and an object.
pub(super) fn differences(expected: &Values, found: &Value, of: &str) -> Vec<Wrong> {
    let all =
        expected.0.iter().filter(|(name, value)| !is_same(value, &found[name.as_str()]) || found.get(name).is_none());
    all.map(|(name, value)| (format!("`{name}: {value}` of {of}"), shown(found.get(name)))).collect()
}

/// Returns a value in words.
pub(super) fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "no such field".to_owned(), Value::to_string)
}

/// The form of a field, as far as its page shows one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// A text.
    Text,
    /// A text or null.
    MaybeText,
    /// A day, or null.
    MaybeDay,
    /// A number of things, from 0.
    Count,
    /// A whole number, or null.
    MaybeWhole,
    /// A number, or null.
    MaybeNumber,
    /// An instant, or null.
    MaybeInstant,
    /// An object or null.
    MaybeObject,
    /// A list of texts.
    Texts,
    /// A list of texts, or null.
    MaybeTexts,
    /// A list of objects, or null.
    MaybeObjects,
}

impl Form {
    /// Returns true if a value has the form.
    fn fits(self, value: &Value) -> bool {
        let is_list = |fits: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(fits));
        let may = |fits: bool| value.is_null() || fits;
        match self {
            Self::Text => value.is_string(),
            Self::MaybeText => may(value.is_string()),
            Self::MaybeDay => may(value.as_str().is_some_and(is_day)),
            Self::Count => value.is_u64(),
            Self::MaybeWhole => may(value.is_i64()),
            Self::MaybeNumber => may(value.is_number()),
            Self::MaybeInstant => may(value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())),
            Self::MaybeObject => may(value.is_object()),
            Self::Texts => is_list(Value::is_string),
            Self::MaybeTexts => may(is_list(Value::is_string)),
            Self::MaybeObjects => may(is_list(Value::is_object)),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::MaybeText => "a string or null",
            Self::MaybeDay => "YYYY-MM-DD or null",
            Self::Count => "a whole number from 0",
            Self::MaybeWhole => "a whole number or null",
            Self::MaybeNumber => "a number or null",
            Self::MaybeInstant => "an RFC 3339 instant or null",
            Self::MaybeObject => "an object or null",
            Self::Texts => "an array of strings",
            Self::MaybeTexts => "an array of strings or null",
            Self::MaybeObjects => "an array of objects or null",
        }
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// Returns the fields of an object that have another form; one that is not there has every form.
pub(super) fn misshapen(object: &Value, forms: &[(&str, Form)]) -> Vec<Wrong> {
    let given = forms.iter().filter_map(|(name, form)| Some((name, form, object.get(name)?)));
    let wrong = given.filter(|(_, form, value)| !form.fits(value));
    wrong.map(|(name, form, value)| (format!("`{name}` is {}", form.name()), kind_of(value))).collect()
}

/// Returns the kind of a value, which may be personal.
fn kind_of(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() == 10 => "a string that is not a day".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Returns true if a key is granted a scope, as far as that is known. The key `full` has all of them unless it says so.
pub(super) fn is_granted(seen: &Seen<'_>, by: &Credential, scope: &str) -> Option<bool> {
    let Credential::Key(name) = by else { return None };
    let known = seen.expect.keys.get(name)?;
    let granted = known.granted.as_ref().map(|some| some.iter().any(|one| one == scope));
    granted.or((name == "full").then_some(true))
}

/// Returns true if the key is another partner's, is not refused, and has the scope of the step.
pub(super) fn is_by_another(seen: &Seen<'_>, answer: &Answer) -> bool {
    let Credential::Key(name) = &answer.question.by else { return false };
    let Some(key) = seen.expect.keys.get(name).filter(|key| key.partner.is_some()) else { return false };
    let scope = scope_of(answer.question.step);
    let has_scope = scope.is_empty() || is_granted(seen, &answer.question.by, scope) == Some(true);
    key.valid.is_none() && key.plan.is_none() && key.mode.is_none() && has_scope
}

/// Returns true if one of the rules alone refuses a request, whatever the step.
pub(super) fn is_refused_by(seen: &Seen<'_>, answer: &Answer, rules: &[Rule]) -> bool {
    rules.iter().any(|rule| seen.due(answer).only(*rule))
}

/// Returns the names of the fields of an object, for observations.
pub(super) fn field_names(object: &Value) -> String {
    object.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

/// Returns the status and the code of an answer, for observations.
pub(super) fn status_and_code(answer: &Answer) -> String {
    match answer.code() {
        Some(code) => format!("{} `{code}`", answer.status),
        None if answer.came() => answer.status.to_string(),
        None => "no response".to_owned(),
    }
}
