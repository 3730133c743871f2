//! An entry of a capture as a step of the contract.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::capture::{Entry, Header, header};
use crate::client::scenario::StepName;
use crate::client::witness::Step;
use crate::operation::{self, decoded};

/// A request to the API and what came of it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) step: StepName,
    /// Whose documents; at the file step, those of the link that was followed.
    pub(super) crew: String,
    pub(super) document: Option<String>,
    pub(super) url: String,
    pub(super) at: Option<Timestamp>,
    /// In seconds.
    pub(super) took: f64,
    /// 0 where there was no answer.
    pub(super) status: u16,
    pub(super) headers: Vec<Header>,
    pub(super) mime: Option<String>,
    /// The body, where it is JSON.
    pub(super) json: Option<Value>,
    /// Is true if the capture has the body as text.
    pub(super) has_text: bool,
    /// The size of the body, if the capture has it.
    pub(super) size: Option<u64>,
    /// Is true if the capture itself says that the body did not come whole.
    pub(super) broken: bool,
    pub(super) error: Option<String>,
    /// The statuses of the redirects in front of it.
    pub(super) hops: Vec<u16>,
}

impl Seen {
    /// Reads an entry; `None` for what is no GET of the API. A file belongs to the link of `given` that it follows.
    pub(super) fn from_entry(entry: &Entry, given: &[Link]) -> Option<Self> {
        let url = &entry.request.url;
        let (base, _) = url.split_once(operation::prefix()).filter(|_| entry.request.method == "GET")?;
        let (step, crew, document) = match Step::from_target(&url[base.len()..]) {
            Step::List { crew } => (StepName::List, decoded(&crew), None),
            Step::Link { crew, document } => (StepName::Link, decoded(&crew), Some(decoded(&document))),
            Step::File { .. } => {
                let link = given.iter().rev().find(|link| url.starts_with(&link.url))?;
                (StepName::File, link.crew.clone(), Some(link.document.clone()))
            }
            Step::Fleet { .. } | Step::Partner { .. } | Step::Person { .. } | Step::Other => return None,
        };
        let response = &entry.response;
        let content = &response.content;
        let text = content.text.as_deref().filter(|_| content.encoding.is_none());
        Some(Self {
            step,
            crew,
            document,
            url: url.clone(),
            at: entry.started_date_time,
            took: entry.time.unwrap_or_default() / 1000.0,
            status: response.status,
            headers: response.headers.iter().map(Header::copy).collect(),
            mime: content.mime_type.as_deref().map(bare),
            json: text.and_then(|text| serde_json::from_str(text).ok()),
            has_text: text.is_some_and(|text| !text.is_empty()),
            size: content.size.and_then(|size| u64::try_from(size).ok()),
            broken: entry.whole == Some(false),
            error: response.error.clone(),
            hops: Vec::new(),
        })
    }

    /// Returns a header of the answer.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Returns true if it was answered with documents or a link, and the capture does not have the body.
    pub(super) fn lacks_body(&self) -> bool {
        self.step != StepName::File && self.status == 200 && !self.has_text && !self.broken
    }

    /// Returns the `Date` of the answer.
    pub(super) fn date(&self) -> Option<Timestamp> {
        instant(self.header("date")?)
    }

    /// Returns the time by which the server's clock was ahead of the clock of the capture.
    pub(super) fn ahead(&self) -> Option<SignedDuration> {
        Some(self.date()?.duration_since(self.at?))
    }

    /// Returns the link that it gives.
    pub(super) fn link(&self) -> Option<Link> {
        let url = self.json.as_ref().filter(|_| self.step == StepName::Link && self.status == 200)?;
        let url = url.get("download_url")?.as_str()?.to_owned();
        Some(Link { url, crew: self.crew.clone(), document: self.document.clone()? })
    }

    /// Returns a field of the error envelope.
    pub(super) fn error_field(&self, name: &str) -> Option<&Value> {
        self.json.as_ref()?.get("error")?.get(name)
    }

    /// Returns the code of the error envelope.
    pub(super) fn code(&self) -> Option<&str> {
        self.error_field("code")?.as_str()
    }
}

/// A link that was given.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) url: String,
    crew: String,
    document: String,
}

impl Header {
    fn copy(&self) -> Self {
        Self { name: self.name.clone(), value: self.value.clone() }
    }
}

/// Parses an HTTP date.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Returns the origin of a URL.
pub(super) fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    Some(&url[..url[host..].find('/').map_or(url.len(), |end| host + end)])
}

/// Returns a media type without its parameters.
fn bare(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
