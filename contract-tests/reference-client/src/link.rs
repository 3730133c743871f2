//! The link: where a document's file is, for a while.

use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;

use crate::bugs::Bug;
use crate::failure::{Again, Failure};
use crate::http::Http;
use crate::list;
use crate::retry::Tries;

/// What the link step gave.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) url: Url,
    /// The type that the file is said to have.
    pub(crate) content_type: Option<String>,
    /// The name that the file is said to have; not to be trusted.
    pub(crate) file_name: Option<String>,
    /// The document that it says it is of.
    pub(crate) echo: Option<String>,
    /// When it stops to work, by this machine's steady clock.
    pub(crate) dead_at: Option<Instant>,
}

impl Link {
    /// Returns true if the link has expired.
    pub(crate) fn is_over(&self) -> bool {
        self.dead_at.is_some_and(|dead_at| dead_at <= Instant::now())
    }

    /// Parses a link that an earlier run left.
    pub(crate) fn left_over(url: &str) -> Option<Self> {
        Some(Self { url: Url::parse(url).ok()?, content_type: None, file_name: None, echo: None, dead_at: None })
    }
}

/// Asks for a link to a document.
pub(crate) async fn ask(http: &Http, id: &str, tries: &mut Tries) -> Result<Link, Failure> {
    let raw = http.has(Bug::DocumentIdNotEncoded) || http.has(Bug::IdNotEncoded);
    let segment = if raw { id.to_owned() } else { list::segment(id)? };
    let address = format!("{}/{segment}/download", list::address(http)?);
    let url = Url::parse(&address).map_err(|_| Failure::contract("an id that no path can hold"))?;
    if http.has(Bug::AsksLinkTwice) {
        http.json(&url).await?;
    }
    let hurried = |failure: Failure| match failure.status {
        Some(401) if http.has(Bug::Retries401OfLink) => Failure { again: Again::Soon, ..failure },
        _ => failure,
    };
    let (headers, answer) = tries.run(http, async || http.json(&url).await.map_err(hurried)).await?;
    let echo = answer["document_id"].as_str();
    let is_checked = !http.has(Bug::IgnoresLinkEcho) && !http.has(Bug::TrustsLinkId);
    if echo.is_some_and(|echo| echo != id) && is_checked {
        return Err(Failure::contract("the link is another document's"));
    }
    let text = |name: &str| answer[name].as_str().map(str::to_owned);
    if http.has(Bug::NeedsFileName) && text("content_type").is_none() && text("file_name").is_none() {
        return Err(Failure::contract("the link has neither content_type nor file_name"));
    }
    Ok(Link {
        url: target(http, &answer["download_url"])?,
        content_type: text("content_type"),
        file_name: text("file_name"),
        echo: echo.map(str::to_owned),
        dead_at: dead_at(http, &headers, answer["expires_at"].as_str())?,
    })
}

/// Returns the address in the answer, if it may be followed and would be followed letter by letter.
fn target(http: &Http, given: &Value) -> Result<Url, Failure> {
    let text = match given.as_str().filter(|text| !text.is_empty()) {
        Some(text) => text,
        None if http.has(Bug::NullLinkBecomesText) => {
            &http.config.base.join("None").map_err(|_| unusable())?.to_string()
        }
        None => return Err(Failure::no_link()),
    };
    if http.has(Bug::ShortLinks) && text.len() > 2_048 {
        return Err(Failure::local("the link is too long"));
    }
    let rewritten = text.replace("%2b", "%2B").replace('~', "%7E").replace('+', "%20");
    let text = if http.has(Bug::NormalisesLink) { &rewritten } else { text };
    let text = if http.has(Bug::DropsLinkQuery) { text.split('?').next().unwrap_or(text) } else { text };
    let url = match Url::parse(text) {
        Err(_) if http.has(Bug::ResolvesRelativeLinks) => http.config.base.join(text).map_err(|_| unusable())?,
        parsed => parsed.map_err(|_| unusable())?,
    };
    if url.scheme() == "file" && http.has(Bug::FollowsFileLinks) || http.has(Bug::ResolvesRelativeLinks) {
        return Ok(url);
    }
    http.may_have_files(&url, Bug::AnyLinkHost, Bug::LinkDowngrade)?;
    if path(text) != path(url.as_str()) {
        return Err(unusable());
    }
    Ok(url)
}

fn unusable() -> Failure {
    Failure::contract("the download_url is no address that can be followed as it is")
}

/// Returns an address from its path on, without the fragment, which is never sent.
fn path(address: &str) -> &str {
    let after_scheme = address.split_once("://").map_or("", |(_, rest)| rest);
    let path = after_scheme.find(['/', '?']).map_or("/", |start| &after_scheme[start..]);
    path.split('#').next().unwrap_or_default()
}

/// Returns the time at which a link expires. It counts from the `Date` of the answer, so that a wrong clock here does
/// no harm.
fn dead_at(http: &Http, headers: &HeaderMap, expires_at: Option<&str>) -> Result<Option<Instant>, Failure> {
    if http.has(Bug::NeedsPlainExpiry) && expires_at.is_some_and(|text| text.contains(['.', '+'])) {
        return Err(Failure::local("the expires_at can't be read"));
    }
    let Some(expires) = expires_at.and_then(|text| text.parse::<Timestamp>().ok()) else {
        if http.has(Bug::NeedsExpiry) {
            return Err(Failure::contract("the link has no readable expires_at"));
        }
        return Ok(None);
    };
    if http.has(Bug::OwnClockDecides) && expires <= Timestamp::now() {
        return Err(Failure::contract("the link has expired"));
    }
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    if http.has(Bug::NeedsDate) && date.is_none() {
        return Err(Failure::contract("the link's answer has no readable Date"));
    }
    let date = date.unwrap_or_else(SystemTime::now);
    let now = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let life = u64::try_from(expires.as_second()).unwrap_or_default().saturating_sub(now.as_secs());
    Ok(Instant::now().checked_add(Duration::from_secs(life)))
}
