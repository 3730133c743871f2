//! What was wrong with one answer, as the effect of a fault.

use http::StatusCode;
use serde_json::{Value, json};

use super::redirects::{is_redirect, target};
use super::seen::{Seen, instant, origin};
use crate::client::run::fault_problem;
use crate::client::scenario::StepName;
use crate::operation::masked_file_path;

/// A longer wait counts as no answer.
const SILENCE: f64 = 5.0;

/// The longest `Retry-After` that a scenario has a client wait, in seconds.
pub(super) const LONGEST_WAIT: i64 = 5;

/// Hops of a chain that no client follows.
const TOO_MANY: usize = 20;

/// What was wrong with an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trouble {
    /// `then` of the rule.
    pub(super) then: Value,
    /// It takes the place of the answer, so that no rule behind it counts the request.
    pub(super) in_front: bool,
    /// A client may meet it and still have everything.
    pub(super) harmless: bool,
    /// It offers a choice to a client: a right one refuses what is offered.
    pub(super) is_choice: bool,
}

impl Trouble {
    /// Returns the trouble of an exchange, if it had one. A link that was `followed` leads where it should.
    pub(super) fn from_seen(seen: &Seen, followed: bool) -> Option<Self> {
        let front = |then| Some(Self { in_front: true, ..Self::on_answer(then) });
        if seen.status == 0 {
            return front(broken_connection(seen));
        }
        if is_redirect(seen.status) {
            return Some(redirect(seen));
        }
        if seen.status != 200 && StatusCode::from_u16(seen.status).is_ok() {
            return front(status(seen));
        }
        if let Some(cut) = cut(seen) {
            return Some(Self::on_answer(cut));
        }
        if !seen.hops.is_empty() {
            let first = seen.hops.first().copied().unwrap_or(302);
            let chain = json!({"redirect": {"status": first, "to": {"chain": seen.hops.len().min(TOO_MANY)}}});
            return Some(Self { in_front: true, harmless: true, ..Self::on_answer(chain) });
        }
        match seen.step {
            StepName::File => login_page(seen),
            _ if seen.json.is_none() && is_page(seen) => front(json!({"status": {"code": 200, "body": "html"}})),
            _ if seen.json.is_none() => malformed(seen).map(Self::on_answer),
            StepName::Link if !followed => link(seen),
            StepName::Link | StepName::List | StepName::Fleet => None,
        }
    }

    /// Creates the trouble of an effect on an answer that is otherwise given.
    const fn on_answer(then: Value) -> Self {
        Self { then, in_front: false, harmless: false, is_choice: false }
    }
}

/// Returns the effect for an exchange without an answer.
fn broken_connection(seen: &Seen) -> Value {
    match failure(seen) {
        Failure::Reset => json!({"reset": true}),
        Failure::Silence => json!({"stall": true}),
        Failure::Other => json!({"close": true}),
    }
}

/// A kind of failed exchange that a fault can repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// The connection was reset.
    Reset,
    /// Nothing came for too long.
    Silence,
    /// Any other failure.
    Other,
}

/// Returns the kind of a failed exchange.
///
/// HAR has no code for it: browsers write their own texts, such as `net::ERR_CONNECTION_RESET` or `NS_ERROR_NET_RESET`,
/// and tools write those of the system. A text that is not known is `Other`.
fn failure(seen: &Seen) -> Failure {
    let text = seen.error.as_deref().unwrap_or_default().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["reset"]) {
        Failure::Reset
    } else if says(&["timed", "timeout", "abort"]) || seen.took >= SILENCE {
        Failure::Silence
    } else {
        Failure::Other
    }
}

/// Returns the trouble of a redirect that nothing followed, or that goes round or away.
fn redirect(seen: &Seen) -> Trouble {
    let to = target(seen);
    let (to, harmless, is_choice) = match &to {
        Some(to) if *to == seen.url => (json!("self"), false, false),
        Some(to) if origin(to) != origin(&seen.url) => (json!("{foreign}{path}"), false, true),
        _ => (json!({"chain": 1}), true, false),
    };
    Trouble { then: json!({"redirect": {"status": seen.status, "to": to}}), in_front: true, harmless, is_choice }
}

/// Returns the effect for another status, with its code, its scope and its waits where they fit.
fn status(seen: &Seen) -> Value {
    let mut plain = json!({"code": seen.status, "body": body(seen)});
    if let Some(wait) = retry_after(seen) {
        plain["retry_after"] = wait;
    }
    let mut whole = plain.clone();
    for (field, source) in [("error", "code"), ("scope", "scope"), ("retry_after_seconds", "retry_after_seconds")] {
        if let Some(value) = seen.error_field(source) {
            whole[field] = value.clone();
        }
    }
    // A code that the contract does not know can't be sent; its status can.
    let can_be = |status: &Value| fault_problem(&json!({"then": {"status": status}})).is_none();
    let fitting = [whole, plain].into_iter().find(can_be);
    json!({"status": fitting.unwrap_or_else(|| json!(seen.status))})
}

fn body(seen: &Seen) -> &'static str {
    match (&seen.json, seen.mime.as_deref()) {
        (Some(Value::Object(fields)), _) if fields.contains_key("error") => "envelope",
        (Some(Value::Array(_)), _) => "json_array",
        (_, Some("application/problem+json")) => "problem",
        (_, Some("text/html")) => "html",
        (_, Some("text/plain")) => "text",
        _ if seen.size == Some(0) => "empty",
        _ => "envelope",
    }
}

/// Returns `Retry-After`, no longer than a scenario can wait.
fn retry_after(seen: &Seen) -> Option<Value> {
    let value = seen.header("retry-after")?;
    if let Ok(seconds) = value.parse::<i64>() {
        return Some(json!({"seconds": seconds.clamp(0, LONGEST_WAIT)}));
    }
    let from = seen.date().or(seen.at)?;
    let seconds = instant(value)?.duration_since(from).as_secs();
    Some(json!({"http_date": seconds.clamp(0, LONGEST_WAIT)}))
}

/// Returns the effect for a body that ended before it was whole.
fn cut(seen: &Seen) -> Option<Value> {
    let announced: Option<u64> = seen.header("content-length").and_then(|length| length.parse().ok());
    let packed = seen.header("content-encoding").is_some();
    let short =
        !packed && seen.json.is_none() && seen.size.zip(announced).is_some_and(|(came, announced)| came < announced);
    if !(short || seen.broken || seen.error.is_some()) {
        return None;
    }
    let how = if failure(seen) == Failure::Reset { "reset" } else { "fin" };
    Some(json!({"cut": {"after": seen.size.unwrap_or(0), "how": how, "chunked": announced.is_none()}}))
}

/// Returns the trouble of a page in place of a file.
fn login_page(seen: &Seen) -> Option<Trouble> {
    let page = || Trouble { is_choice: true, ..Trouble::on_answer(json!({"content_type": "text/html"})) };
    is_page(seen).then(page)
}

fn is_page(seen: &Seen) -> bool {
    seen.mime.as_deref() == Some("text/html")
}

/// Returns the effect for a body that is not JSON. A body that the capture left out says nothing.
fn malformed(seen: &Seen) -> Option<Value> {
    seen.has_text.then(|| json!({"malformed": true}))
}

/// Returns the trouble of a link that is missing or leads elsewhere.
fn link(seen: &Seen) -> Option<Trouble> {
    let url = seen.json.as_ref()?.get("download_url").and_then(Value::as_str);
    match url {
        None | Some("") => Some(Trouble::on_answer(json!({"link": null}))),
        Some(url) if url.contains("://") && origin(url) != origin(&seen.url) => {
            let then = json!({"link": format!("{{foreign}}{}", masked_file_path())});
            Some(Trouble { is_choice: true, ..Trouble::on_answer(then) })
        }
        Some(_) => None,
    }
}
