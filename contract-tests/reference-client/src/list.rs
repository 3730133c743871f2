//! The list: which documents there are.

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde_json::Value;

use crate::bugs::Bug;
use crate::failure::Failure;
use crate::home;
use crate::http::{Http, Step};
use crate::report;
use crate::retry::Tries;

/// All but what RFC 3986 leaves as it is.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The fields of an item that are documented.
const FIELDS: [&str; 9] = [
    "document_id",
    "type",
    "category",
    "title",
    "issuer",
    "verification_status",
    "issue_date",
    "expiry_date",
    "document_number",
];
const STATUSES: [&str; 4] = ["verified", "pending", "rejected", "expired"];

/// Encodes an id as one segment of a path.
pub(crate) fn segment(id: &str) -> Result<String, Failure> {
    // A URL has no way to write these: `%2e%2e` means the folder above, too.
    if matches!(id, "" | "." | "..") {
        return Err(Failure::contract("an id that no path can hold"));
    }
    Ok(utf8_percent_encode(id, &SEGMENT).to_string())
}

/// Returns the address of the crew member's documents.
pub(crate) fn address(http: &Http) -> Result<String, Failure> {
    let config = &http.config;
    let raw_in_fleet = config.is_fleet && config.has(Bug::FleetIdNotEncoded);
    let crew_id = if raw_in_fleet || config.has(Bug::CrewIdNotEncoded) || config.has(Bug::IdNotEncoded) {
        config.crew_id.clone()
    } else if config.has(Bug::CrewIdEncodedTwice) {
        segment(&segment(&config.crew_id)?)?
    } else {
        segment(&config.crew_id)?
    };
    let base = config.base.as_str();
    let base = if config.has(Bug::DoublesSlash) && config.has_slash { base } else { base.trim_end_matches('/') };
    Ok(format!("{base}/api/v2/employers/me/crew/{crew_id}/documents"))
}

/// The current documents of the crew member.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Their ids, each once, in the list's order.
    pub(crate) ids: Vec<String>,
    /// The items, as they came.
    pub(crate) items: Vec<Value>,
    /// The crew member whose list it says it is.
    pub(crate) echo: Option<String>,
}

/// Asks for the list.
pub(crate) async fn ask(http: &Http) -> Result<Listed, Failure> {
    let mut address = address(http)?;
    if http.has(Bug::TriesV1First)
        && let Ok(url) = Url::parse(&address.replace("/v2/", "/v1/"))
    {
        // It is not there, and nothing is made of that.
        let _ = http.json(&url).await;
    }
    if http.has(Bug::KeyInQuery) {
        address = format!("{address}?api_key={}", http.config.key.0);
    }
    let url = Url::parse(&address).map_err(|_| Failure::local("the crew id makes no address"))?;
    let mut list = Tries::new(Step::Api).run(http, async || http.json(&url).await).await?.1;
    if http.has(Bug::AsksTwiceWhenEmpty) && list["items"] == Value::Array(Vec::new()) {
        list = http.json(&url).await?.1;
    }
    let ids = read(http, &list);
    let ids = if http.has(Bug::BrokenListIsEmpty) { ids.unwrap_or_default() } else { ids? };
    let echo = list["crew_unique_id"].as_str().map(str::to_owned);
    Ok(Listed { ids, items: list["items"].as_array().cloned().unwrap_or_default(), echo })
}

fn read(http: &Http, list: &Value) -> Result<Vec<String>, Failure> {
    let echo = list["crew_unique_id"].as_str();
    let is_checked = !http.has(Bug::IgnoresListEcho) && !http.has(Bug::TrustsListCrewId);
    if echo.is_some_and(|echo| echo != http.config.crew_id) && is_checked {
        return Err(Failure::contract("the list is another crew member's"));
    }
    if http.has(Bug::NullItemsAreNone) && list.get("items").is_some_and(Value::is_null) {
        return Ok(Vec::new());
    }
    let items = list["items"].as_array().ok_or_else(|| Failure::contract("the list has no items"))?;
    if items.is_empty() && http.has(Bug::EmptyIsAnError) {
        return Err(Failure::contract("the list is empty"));
    }
    let (mut seen, mut numbers) = (HashSet::new(), HashSet::new());
    let mut ids = Vec::new();
    for item in items {
        let id = item["document_id"].as_str().filter(|id| !id.is_empty());
        if id.is_none() && http.has(Bug::SkipsItemsWithoutId) {
            continue;
        }
        let id = id.ok_or_else(|| Failure::contract("an item has no document_id"))?;
        let number = item["document_number"].as_str().filter(|_| http.has(Bug::DedupsByNumber));
        if number.is_some_and(|number| !numbers.insert(number)) {
            continue;
        }
        if http.has(Bug::PrintsRawTitles) {
            let text = |name: &str| item[name].as_str().unwrap_or_default();
            report::done(&http.config, &format!("found {} by {}", text("title"), text("issuer")));
        }
        // All else is for people to read, and free to change.
        if is_wanted(http, item)? && seen.insert(id) {
            ids.push(id.to_owned());
        }
    }
    if http.has(Bug::StopsAtTen) {
        ids.truncate(10);
    }
    if http.has(Bug::RemembersIds) {
        let earlier = home::remembered();
        let new: Vec<_> = ids.iter().filter(|id| !earlier.contains(id)).cloned().collect();
        for id in &new {
            home::remember(id);
        }
        ids.extend(earlier.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    }
    Ok(ids)
}

/// Returns true if a document is to be saved: always, in the good client.
fn is_wanted(http: &Http, item: &Value) -> Result<bool, Failure> {
    if http.has(Bug::NeedsIssuer) && item["issuer"].is_null() {
        return Err(Failure::contract("an item has no issuer"));
    }
    let unknown = |name: &String| !FIELDS.contains(&name.as_str());
    if http.has(Bug::RefusesUnknownFields) && item.as_object().is_some_and(|item| item.keys().any(unknown)) {
        return Err(Failure::contract("an item has a field that is not known"));
    }
    let status = item["verification_status"].as_str().unwrap_or_default();
    let known = STATUSES.contains(&status);
    if http.has(Bug::CrashesOnUnknownStatus) && !known {
        std::process::abort();
    }
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let over = item["expiry_date"].as_str().is_some_and(|date| *date < *today);
    let skipped = http.has(Bug::SkipsRejected) && status == "rejected"
        || http.has(Bug::SkipsExpired) && status == "expired"
        || http.has(Bug::SkipsPastDates) && over
        || http.has(Bug::SkipsUnverified) && status != "verified"
        || http.has(Bug::SkipsUnknownStatus) && !known;
    Ok(!skipped)
}
