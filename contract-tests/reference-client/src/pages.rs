//! The fleet, page by page: who is on it.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use reqwest::Url;
use serde_json::Value;

use crate::bugs::Bug;
use crate::failure::{Again, Class, Failure};
use crate::http::{Http, Step};
use crate::retry::Tries;

/// The most rows of a page that are asked for.
const LIMIT: &str = "100";
/// The number of times that the walk starts again after a cursor was refused.
const RESTARTS: u32 = 2;
/// The fields of a row that are documented.
const FIELDS: [&str; 9] = [
    "crew_unique_id",
    "name",
    "vessel_id",
    "vessel_name",
    "role",
    "verification_status",
    "background_check_status",
    "documents_expiring",
    "as_of",
];
const STATUSES: [&str; 2] = ["verified", "unverified"];

/// A person on the fleet.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    /// The served name; not to be trusted.
    pub(crate) name: String,
}

/// Why a walk ended before the last page.
struct Stopped {
    failure: Failure,
    /// Is true if the request had a cursor.
    at_cursor: bool,
}

/// Requests all pages, and returns the people on the fleet, each once, in the order of the pages.
pub(crate) async fn everybody(http: &Http) -> Result<Vec<Person>, Failure> {
    let mut restarts = 0;
    loop {
        let mut walk = Walk::default();
        let Err(stopped) = walk.run(http).await else { return walk.finished(http) };
        let is_over = restarts >= RESTARTS && !http.has(Bug::RestartsForEver);
        if is_over || !stopped.may_begin_again(http) {
            return Err(stopped.failure);
        }
        restarts += 1;
    }
}

impl Stopped {
    /// Returns true if the cursor was refused, so that the walk starts again.
    fn may_begin_again(&self, http: &Http) -> bool {
        let refused = matches!(self.failure.status, Some(400 | 404 | 422));
        let brief = http.has(Bug::StartsOver) && self.failure.again == Again::Soon;
        self.at_cursor && (refused || brief)
    }
}

/// A walk from the first page to the last.
#[derive(Default)]
struct Walk {
    people: Vec<Person>,
    ids: HashSet<String>,
    cursors: HashSet<String>,
}

impl Walk {
    async fn run(&mut self, http: &Http) -> Result<(), Stopped> {
        let mut cursor = None;
        loop {
            let at_cursor = cursor.is_some();
            let stopped = |failure| Stopped { failure, at_cursor };
            let page = match page(http, cursor.as_deref()).await {
                Err(failure) if at_cursor && is_taken_for_the_end(http, &failure) => return Ok(()),
                page => page.map_err(stopped)?,
            };
            let is_empty = self.read(http, &page).map_err(stopped)?;
            cursor = self.next(http, &page).map_err(stopped)?;
            let ends = http.has(Bug::FirstPageOnly) || http.has(Bug::EmptyPageEnds) && is_empty;
            if cursor.is_none() || ends {
                return Ok(());
            }
        }
    }

    fn finished(self, http: &Http) -> Result<Vec<Person>, Failure> {
        if self.people.is_empty() && http.has(Bug::EmptyFleetIsAnError) {
            return Err(Failure::contract("nobody is on the fleet"));
        }
        Ok(self.people)
    }

    /// Notes the people of a page. Returns true if it has no rows.
    fn read(&mut self, http: &Http, page: &Value) -> Result<bool, Failure> {
        let rows = match page["items"].as_array() {
            Some(rows) => rows.as_slice(),
            None if http.has(Bug::BrokenPageIsEmpty) => &[],
            None if http.has(Bug::NullRowsAreNone) && page.get("items").is_some_and(Value::is_null) => &[],
            None => return Err(Failure::contract("the page has no items")),
        };
        if http.has(Bug::DedupsPerPage) {
            self.ids.clear();
        }
        for row in rows {
            let id = row["crew_unique_id"].as_str().filter(|id| !id.is_empty());
            if id.is_none() && http.has(Bug::SkipsRowsWithoutId) {
                continue;
            }
            let id = id.ok_or_else(|| Failure::contract("a row has no crew_unique_id"))?;
            let name = row["name"].as_str().unwrap_or_default().to_owned();
            let key = if http.has(Bug::DedupsByName) && !name.is_empty() { &name } else { id };
            // A person has a row for each vessel, and all else of a row is for people to read.
            if is_wanted(http, row)? && (self.ids.insert(key.to_owned()) || http.has(Bug::ListsPerRow)) {
                self.people.push(Person { id: id.to_owned(), name });
            }
        }
        Ok(rows.is_empty())
    }

    /// Returns the cursor of the next page, if there is one.
    fn next(&mut self, http: &Http, page: &Value) -> Result<Option<String>, Failure> {
        let cursor = match page.get("next_cursor") {
            None if http.has(Bug::NeedsNextCursor) => return Err(Failure::contract("the page has no next_cursor")),
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(cursor)) => cursor.clone(),
            Some(other) if http.has(Bug::NumberCursorIsText) => other.to_string(),
            Some(_) => return Err(Failure::contract("next_cursor is no text")),
        };
        if cursor.is_empty() {
            return Ok(None);
        }
        if !self.cursors.insert(cursor.clone()) && !http.has(Bug::FollowsCursorsForEver) {
            return Err(Failure::contract("the pages of the fleet go in a circle"));
        }
        Ok(Some(cursor))
    }
}

/// Returns true if a person is to be looked at: always, in the good client.
fn is_wanted(http: &Http, row: &Value) -> Result<bool, Failure> {
    let unknown = |name: &String| !FIELDS.contains(&name.as_str());
    if http.has(Bug::RefusesUnknownRows) && row.as_object().is_some_and(|row| row.keys().any(unknown)) {
        return Err(Failure::contract("a row has a field that is not known"));
    }
    let status = row["verification_status"].as_str();
    if http.has(Bug::RefusesNewStatuses) && status.is_some_and(|status| !STATUSES.contains(&status)) {
        return Err(Failure::contract("a row has a status that is not known"));
    }
    let check = row["background_check_status"].as_str();
    if http.has(Bug::SkipsDeclined) && matches!(check, Some("declined" | "expired")) {
        return Ok(false);
    }
    Ok(status.is_some() || !http.has(Bug::SkipsWithoutStatus))
}

/// Returns true if a variant takes a refused page for the end of the fleet.
fn is_taken_for_the_end(http: &Http, failure: &Failure) -> bool {
    http.has(Bug::BadCursorIsTheEnd) && matches!(failure.status, Some(400 | 404 | 422))
        || http.has(Bug::DeniedPageIsTheEnd) && matches!(failure.status, Some(401 | 403))
        || http.has(Bug::FailedPageIsTheEnd) && failure.class == Class::Unavailable
        || http.has(Bug::UnreadablePageIsTheEnd) && failure.is_unreadable
}

/// Asks for a page.
async fn page(http: &Http, cursor: Option<&str>) -> Result<Value, Failure> {
    let url = address(http, cursor)?;
    if http.has(Bug::AsksPagesTwice) {
        http.json(&url).await?;
    }
    let hurried = |failure: Failure| match http.config.bug {
        Some(Bug::HurriesPages) => Failure { wait: std::time::Duration::ZERO, ..failure },
        Some(Bug::NoPageRetry | Bug::StartsOver) => Failure { again: Again::No, ..failure },
        _ => failure,
    };
    let asked = Tries::new(Step::Api).run(http, async || http.json(&url).await.map_err(hurried)).await;
    let failure = match asked {
        Ok((_, page)) => return Ok(page),
        Err(failure) => failure,
    };
    if http.has(Bug::DiesOf422) && failure.status == Some(422) && cursor.is_none() {
        std::process::abort();
    }
    if http.has(Bug::RetriesDeniedPage) && matches!(failure.status, Some(401 | 403)) {
        // Nothing is made of the second answer.
        let _ = http.json(&url).await;
    }
    if http.has(Bug::StartsOver) && matches!(failure.status, None | Some(503)) {
        return Err(Failure { again: Again::Soon, ..failure });
    }
    Err(failure)
}

/// Returns the address of a page.
fn address(http: &Http, cursor: Option<&str>) -> Result<Url, Failure> {
    let base = http.config.base.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{base}/api/v2/employers/me/fleet"));
    let mut url = url.map_err(|_| Failure::local("BASE makes no address"))?;
    let limit = if http.has(Bug::AsksForTooMany) { "500" } else { LIMIT };
    url.query_pairs_mut().append_pair("limit", limit);
    match (cursor, http.config.bug) {
        (None, _) => {}
        (Some(cursor), Some(Bug::CursorNotEncoded)) => url.set_query(Some(&format!("limit={limit}&cursor={cursor}"))),
        (Some(cursor), _) => {
            url.query_pairs_mut().append_pair("cursor", &as_sent(http, cursor));
        }
    }
    Ok(url)
}

/// Returns the cursor as a variant sends it; unchanged, in the good client.
fn as_sent(http: &Http, cursor: &str) -> String {
    match http.config.bug {
        Some(Bug::DecodesCursor) => percent_decode_str(cursor).decode_utf8_lossy().into_owned(),
        Some(Bug::TrimsCursor) => cursor.trim_end_matches('=').to_owned(),
        Some(Bug::CutsCursor) => cursor.chars().take(255).collect(),
        _ => cursor.to_owned(),
    }
}
