//! One exchange in words: as a line, and in full for a transcript.

use std::time::SystemTime;

use crewpass_diagnostics::escape;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::normalizer::Normalizer;
use crate::client::case::Case;
use crate::client::task::Task;
use crate::client::witness::{Exchange, Listener, Step};
use crate::operation::{decoded, token_of};

/// The longest target, path or header that is shown, in characters.
pub(super) const LONGEST_NAME: usize = 4_000;

/// The longest body that a transcript shows, in bytes.
const SMALL_BODY: usize = 1_000;

/// The headers of an answer that a client reads. `Date` is not among them, since it differs in each run.
const READ_BY_CLIENTS: [&str; 13] = [
    "retry-after",
    "location",
    "content-type",
    "content-length",
    "content-encoding",
    "content-disposition",
    "content-range",
    "accept-ranges",
    "transfer-encoding",
    "etag",
    "set-cookie",
    "www-authenticate",
    "connection",
];

/// An exchange of a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExchangeText {
    /// The request line, the status, and what else the gate knows.
    pub line: String,
    /// The headers of the request.
    pub request: Vec<String>,
    /// The headers of the answer that a client reads.
    pub answer: Vec<String>,
    /// The body of the answer, if it is small JSON.
    pub body: String,
}

impl ExchangeText {
    pub(super) fn of(one: &Exchange, normalizer: &Normalizer) -> Self {
        let header =
            |(name, value): (&str, String)| escape::line(&format!("{name}: {value}"), LONGEST_NAME).into_owned();
        let request = one.headers.iter().map(|(name, value)| (name.as_str(), header_text(value, normalizer)));
        let answer = READ_BY_CLIENTS.iter().flat_map(|&name| answer_headers(one, name, normalizer));
        Self {
            line: format!("#{} t+{:.1}s {}", one.seq, one.started.as_secs_f64(), exchange_line(one, normalizer)),
            request: request.map(header).collect(),
            answer: answer.map(header).collect(),
            body: small_body(one, normalizer),
        }
    }
}

/// Formats an exchange, such as `GET /api/… -> 503 (18 bytes), fault once`.
pub(super) fn exchange_line(one: &Exchange, normalizer: &Normalizer) -> String {
    let status = if one.status == 0 { "no answer".to_owned() } else { one.status.to_string() };
    let target = match one.step() {
        // A token that was never issued is still a secret.
        Step::File { .. } => crate::operation::masked_file_path(),
        _ => normalizer.text(&one.target),
    };
    let target = escape::line(&target, LONGEST_NAME);
    let cut = if one.whole { "" } else { ", cut" };
    // The length of a link depends on ports and on parallel cases.
    let size = if gives_link(one) { "a link".to_owned() } else { format!("{} bytes", one.bytes) };
    let mut line = format!("{} {target} -> {status} ({size}{cut})", one.method);
    if one.listener != Listener::Base {
        line.extend([" at the ", listener_name(&one.listener), " origin"]);
    }
    if let Some(fault) = &one.fault {
        line.extend([", fault ", fault]);
    }
    line
}

/// Returns what a request asks for, such as "the link of `doc_1`".
pub(super) fn subject(case: &Case, one: &Exchange) -> String {
    match one.step() {
        Step::Fleet { cursor: None } => "the first page of the fleet".to_owned(),
        Step::Fleet { cursor: Some(_) } => "a later page of the fleet".to_owned(),
        Step::Partner { operation } => operation.id().to_owned(),
        Step::Person { operation, crew } => format!("{} of {}", operation.id(), decoded(&crew)),
        Step::List { crew } if case.scenario.task == Task::Fleet => format!("the list of {}", decoded(&crew)),
        Step::List { .. } => "the list".to_owned(),
        Step::Link { document, .. } => format!("the link of {}", decoded(&document)),
        Step::File { token } => match document_of(case, &token) {
            Some(document) => format!("the file of {document}"),
            None => "a file".to_owned(),
        },
        Step::Other => "a path outside the API".to_owned(),
    }
}

/// Returns the document that a token was issued for.
fn document_of(case: &Case, token: &str) -> Option<String> {
    let token = token.split('?').next().unwrap_or(token);
    let mut wire = case.runs.iter().flat_map(|run| &run.wire);
    wire.find_map(|one| {
        let Step::Link { document, .. } = one.step() else { return None };
        let answer = one.answer()?;
        let url = answer.get("download_url")?.as_str()?;
        (token_of(url.split('?').next().unwrap_or(url)) == Some(token)).then(|| decoded(&document))
    })
}

/// Returns true if a success has a type of content that its step does not have.
pub(super) fn has_odd_type(one: &Exchange) -> bool {
    let is_json = |kind: &str| kind.starts_with("application/json");
    let mut kinds = one.response_header("content-type");
    let is_odd = match one.step() {
        Step::File { .. } => kinds.any(|kind| is_json(kind) || kind.starts_with("text/")),
        _ => kinds.any(|kind| !is_json(kind)),
    };
    is_odd && (200..300).contains(&one.status)
}

pub(super) fn error_code(one: &Exchange) -> Option<String> {
    let answer = one.answer().filter(|_| one.status >= 400)?;
    Some(answer.pointer("/error/code")?.as_str()?.to_owned())
}

/// Returns the values of a header of an answer, with what differs between runs replaced.
pub(super) fn answer_headers<'a>(
    one: &'a Exchange,
    name: &'a str,
    normalizer: &'a Normalizer,
) -> impl Iterator<Item = (&'a str, String)> {
    let values = one.response_headers.iter().filter(move |(known, _)| known == name);
    // The length of a link depends on ports and on parallel cases.
    let values = values.filter(move |_| !(name == "content-length" && gives_link(one)));
    values.map(move |(_, value)| {
        let text = header_text(value, normalizer);
        let wait = (name == "retry-after").then(|| wait_until(one, &text)).flatten();
        (name, wait.unwrap_or(text))
    })
}

pub(super) fn header_text(value: &[u8], normalizer: &Normalizer) -> String {
    escape::line(&normalizer.text(&String::from_utf8_lossy(value)), LONGEST_NAME).into_owned()
}

/// Describes a date of `Retry-After` by its distance from `Date`, which is the same in each run.
fn wait_until(one: &Exchange, value: &str) -> Option<String> {
    let until = httpdate::parse_http_date(value).ok()?;
    let wait = until.duration_since(now_of(one)?).unwrap_or_default();
    Some(format!("a date, {} s after Date", wait.as_secs()))
}

fn now_of(one: &Exchange) -> Option<SystemTime> {
    httpdate::parse_http_date(one.response_header("date").next()?).ok()
}

pub(super) fn small_body(one: &Exchange, normalizer: &Normalizer) -> String {
    let Some(body) = one.json.as_deref().filter(|body| !body.is_empty() && body.len() <= SMALL_BODY) else {
        return String::new();
    };
    let text = String::from_utf8_lossy(body);
    let text = match expiry(one) {
        Some((date, distance)) => text.replace(&date, distance),
        None => text.into_owned(),
    };
    escape::line(&normalizer.text(&text), LONGEST_NAME).into_owned()
}

/// Returns `expires_at` of a link, and its distance from `Date` in words, which is the same in each run.
fn expiry(one: &Exchange) -> Option<(String, &'static str)> {
    /// In seconds.
    const SOON: i64 = 60;
    let answer = one.answer()?;
    let date = answer.get("expires_at").and_then(Value::as_str)?;
    let expires = date.parse::<jiff::Timestamp>().ok()?;
    let left = expires.duration_since(jiff::Timestamp::try_from(now_of(one)?).ok()?);
    let distance = match left.as_secs() {
        SOON.. => "{in minutes}",
        1.. => "{within a minute}",
        _ => "{over}",
    };
    Some((date.to_owned(), distance))
}

pub(super) fn gives_link(one: &Exchange) -> bool {
    one.answer().is_some_and(|answer| answer.get("download_url").is_some_and(Value::is_string))
}

pub(super) const fn listener_name(listener: &Listener) -> &'static str {
    match listener {
        Listener::Base => "base",
        Listener::Second => "second",
        Listener::Foreign => "foreign",
    }
}
