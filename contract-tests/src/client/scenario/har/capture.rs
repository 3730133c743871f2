//! HAR 1.2 as browsers, mitmproxy and the fake write it: only what is looked at, and leniently, since each writer
//! leaves out something else.

use crewpass_diagnostics::{Problem, strict_json};
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct File {
    log: Log,
}

#[derive(Debug, Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

/// A request and its answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(default)]
    pub(super) started_date_time: Option<Timestamp>,
    /// In milliseconds.
    #[serde(default)]
    pub(super) time: Option<f64>,
    pub(super) request: Request,
    #[serde(default)]
    pub(super) response: Response,
    /// The fake's own word on whether the body went out whole.
    #[serde(default, rename = "_whole")]
    pub(super) whole: Option<bool>,
}

/// A request.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Vec<Header>,
}

/// An answer; its status is 0 where there was none.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    #[serde(default)]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: Vec<Header>,
    #[serde(default)]
    pub(super) content: Content,
    /// What a browser says of a connection that broke.
    #[serde(default, rename = "_error")]
    pub(super) error: Option<String>,
}

/// A body.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    /// In bytes, unpacked; -1 is unknown.
    #[serde(default)]
    pub(super) size: Option<i64>,
    #[serde(default)]
    pub(super) mime_type: Option<String>,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) encoding: Option<String>,
}

/// A header.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
}

/// Returns the value of a header.
pub(super) fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.trim())
}

/// Reads a capture, in the order of its dates.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Entry>, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The last of two equal keys would silently count, and a capture could say two things.
    let read: Result<File, _> = strict_json::from_str(text);
    let mut entries = read.map(|file| file.log.entries).map_err(|error| {
        let help = "export it as HAR: `Save all as HAR` in a browser's network panel, `mitmdump --set hardump=FILE`, or \
                    GET /__mock/journal.har of the fake";
        // The excerpt of such a file would show secrets, so the message names the place.
        let message = format!("this is not HAR 1.2, which is JSON with `log.entries`: {}", strict_json::message(&error));
        Problem::of_file(file, message).help(Some(help.to_owned()))
    })?;
    entries.sort_by_key(|entry| entry.started_date_time);
    Ok(entries)
}
