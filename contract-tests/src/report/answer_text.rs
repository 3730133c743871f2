//! The answer that a case is about, in words: what its scenario changed in it, and else what tells most.

use std::fmt::Write as _;

use crewpass_diagnostics::escape;
use serde_json::Value;

use super::exchange_text::{
    answer_headers, error_code, gives_link, has_odd_type, header_text, listener_name, small_body, subject,
};
use super::normalizer::Normalizer;
use crate::client::case::{Case, Run};
use crate::client::scenario::{Action, Clock};
use crate::client::witness::{Exchange, Listener, Step};
use crate::operation::token_of;

/// The longest value that a sentence quotes, in characters.
const QUOTED: usize = 100;

/// The same, where an obligation has two lines.
const QUOTED_IN_BRIEF: usize = 24;

/// The headers that a sentence about an answer names.
const TELLING: [&str; 4] = ["retry-after", "location", "content-encoding", "set-cookie"];

/// What is needed to describe an answer.
#[derive(Clone, Copy)]
pub(super) struct AnswerText<'a> {
    pub(super) case: &'a Case,
    pub(super) run: &'a Run,
    pub(super) normalizer: &'a Normalizer,
}

impl<'a> AnswerText<'a> {
    /// Describes an answer, and the refusal of its link.
    pub(super) fn in_full(self, one: &Exchange) -> String {
        let followed = self.refused_file(one).map(|file| format!("; then {}", self.describe(file, QUOTED)));
        self.describe(one, QUOTED) + &followed.unwrap_or_default()
    }

    /// Describes in a few words the answer, or the refusal of its link.
    pub(super) fn in_brief(self, one: &Exchange) -> String {
        self.describe(self.refused_file(one).unwrap_or(one), QUOTED_IN_BRIEF)
    }

    /// Describes an answer by its status, what its scenario changed in it, and where it changed nothing that can be
    /// named, by the headers that tell something and by a body that is broken or small.
    fn describe(self, one: &Exchange, most: usize) -> String {
        let subject = subject(self.case, one);
        let mut text = match one.status {
            0 => format!("no answer to the request for {subject}: the connection ended"),
            status => status.to_string(),
        };
        if let Some(code) = error_code(one) {
            let _ = write!(text, " {code}");
        }
        let changed = self.changed(one, most);
        let odd_type = has_odd_type(one).then_some("content-type");
        for name in TELLING.into_iter().chain(odd_type).filter(|_| changed.is_empty()) {
            for (name, value) in answer_headers(one, name, self.normalizer) {
                let _ = write!(text, ", {name}: {}", escape::line(&value, most));
            }
        }
        if !one.whole && one.status != 0 {
            let length = one.response_header("content-length").next();
            let of = length.map(|length| format!(" of {length}")).unwrap_or_default();
            let _ = write!(text, ", cut after {}{of} bytes", one.bytes);
        } else if one.bytes == 0 && (200..300).contains(&one.status) {
            text += ", an empty body";
        }
        text += &if changed.is_empty() { self.quoted_body(one, most) } else { changed };
        if one.status != 0 {
            let _ = write!(text, " for {subject}");
        }
        if one.listener != Listener::Base {
            let _ = write!(text, ", at the {} origin", listener_name(&one.listener));
        }
        text
    }

    /// Names what a fault of the scenario changed in an answer: its headers, and the fields of its JSON. Of a link under a
    /// clock that is wrong, it names the clock.
    fn changed(self, one: &Exchange, most: usize) -> String {
        let quoted = |text: &str| escape::line(&self.normalizer.text(text), most).into_owned();
        let mut parts: Vec<String> = Vec::new();
        let effect = one.fault.as_deref().and_then(|name| self.effect(name)).unwrap_or(&Value::Null);
        for name in keys(effect.pointer("/headers/set")).chain(texts(effect.pointer("/headers/remove"))) {
            let lower = name.to_ascii_lowercase();
            let mut values = one.response_headers.iter().filter(|(known, _)| *known == lower).peekable();
            if values.peek().is_none() {
                parts.push(format!("no {name}"));
            }
            parts.extend(values.map(|(_, value)| format!("{name}: {}", quoted(&header_text(value, self.normalizer)))));
        }
        let body = one.answer();
        for pointer in keys(effect.pointer("/json/set")).chain(texts(effect.pointer("/json/remove"))) {
            let name = pointer.trim_start_matches('/');
            parts.push(match body.as_ref().and_then(|body| body.pointer(pointer)) {
                Some(value) => format!("{name} {}", quoted(&value.to_string())),
                None => format!("no {name}"),
            });
        }
        if gives_link(one) {
            parts.extend(match &self.case.scenario.clock {
                Clock::Real => None,
                Clock::Behind(by) => Some(format!("its clock {by} slow")),
                Clock::Ahead(by) => Some(format!("its clock {by} fast")),
            });
        }
        parts.iter().flat_map(|part| [", ", part.as_str()]).collect()
    }

    /// Returns the effect of a fault rule, by its name.
    fn effect(self, name: &str) -> Option<&'a Value> {
        let scenario = &self.case.scenario;
        let later = scenario.runs.iter().flat_map(|run| &run.before).filter_map(|action| match action {
            Action::Faults(rules) => Some(rules),
            _ => None,
        });
        let rule = scenario.faults.iter().chain(later.flatten()).find(|rule| rule["name"] == name);
        rule.and_then(|rule| rule.get("then"))
    }

    /// Returns the request that followed a link and was refused.
    fn refused_file(self, one: &Exchange) -> Option<&'a Exchange> {
        let link = one.answer().filter(|_| gives_link(one))?;
        let token = token_of(link.get("download_url")?.as_str()?)?.to_owned();
        let followed = |other: &&Exchange| match other.step() {
            Step::File { token: of } => of == token && other.status >= 400,
            _ => false,
        };
        self.run.wire.iter().filter(followed).min_by_key(|other| other.seq)
    }

    /// Quotes the beginning of a body; of a link, the two fields that lead a client astray; of a file, its length.
    fn quoted_body(self, one: &Exchange, most: usize) -> String {
        let quoted = |name: &str, text: &str| format!(", {name}{}", escape::line(&self.normalizer.text(text), most));
        if let Some(link) = one.answer().filter(|_| gives_link(one)) {
            let field = |name: &str| Some(quoted(&format!("{name} "), &link.get(name)?.to_string()));
            return ["download_url", "file_name"].into_iter().filter_map(field).collect();
        }
        if one.status == 200 && one.fault.is_none() && one.bytes > 0 && matches!(one.step(), Step::File { .. }) {
            return format!(", {} bytes", one.bytes);
        }
        let body = if error_code(one).is_none() { small_body(one, self.normalizer) } else { String::new() };
        if body.is_empty() { body } else { quoted("", &body) }
    }
}

/// Returns the names in an object.
fn keys(object: Option<&Value>) -> impl Iterator<Item = &str> {
    object.and_then(Value::as_object).into_iter().flat_map(|object| object.keys().map(String::as_str))
}

/// Returns the texts of a list.
fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
