//! `/__mock/journal`: what a session was asked, what it answered and why, and what was changed about it.
//!
//! - `GET /__mock/journal` gives `{"entries", "next", "open", "dropped"}`. Filters go in the query, and all must hold:
//!   `step`, `status` (`404` or `4xx`), `clause`, `crew`, `document`, `key` (its last four characters), `fault`,
//!   `leaks=true`, `change`, `since` and `limit`. `since=` the `next` of the last answer reads on
//! - with `wait=10s` it answers once there is an entry that fits, or with none when the wait is over
//! - `GET /__mock/journal.har` gives the same as HAR 1.2
//! - `GET /__mock/journal/stream` sends each entry as a server-sent event: see [`super::stream`]
//! - `DELETE /__mock/journal` takes every entry out

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::target::QueryParams;
use super::{Problem, TargetSession};
use crate::clause;
use crate::clock::parse_duration;
use crate::journal::{Filter, Journal, StatusFilter};
use crate::request::Step;
use crate::session::Session;

/// How long a caller may wait.
const WAIT_AT_MOST: Duration = Duration::from_mins(5);

/// What the query says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    step: Option<Step>,
    status: Option<StatusFilter>,
    clause: Option<Box<str>>,
    crew: Option<Box<str>>,
    document: Option<Box<str>>,
    key: Option<Box<str>>,
    fault: Option<Box<str>>,
    leaks: Option<bool>,
    change: Option<Box<str>>,
    #[serde(default)]
    since: u64,
    limit: Option<usize>,
    wait: Option<String>,
}

impl Query {
    /// The filter, and how long to wait.
    pub(super) fn read(self) -> Result<(Filter, Duration), Problem> {
        if let Some(unknown) = self.clause.as_deref().filter(|id| !clause::ALL.iter().any(|known| known.id == *id)) {
            return Err(Problem::bad_request(format!("there is no clause `{unknown}`: docs/contract.md lists them")));
        }
        let wait = self.wait.as_deref().map(parse_duration).transpose();
        let wait = wait.map_err(|error| Problem::bad_request(error.to_string()))?.unwrap_or_default();
        if wait > WAIT_AT_MOST {
            return Err(Problem::bad_request("`wait` is five minutes at most"));
        }
        let Self { step, status, clause, crew, document, key, fault, leaks, change, since, limit, .. } = self;
        Ok((Filter { step, status, clause, crew, document, key, fault, leaks, change, since, limit }, wait))
    }
}

pub(crate) async fn show(
    TargetSession(session): TargetSession,
    QueryParams(query): QueryParams<Query>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(read(&session, query).await?.to_json()))
}

pub(crate) async fn har(
    TargetSession(session): TargetSession,
    QueryParams(query): QueryParams<Query>,
) -> Result<Response, Problem> {
    let mut response = Json(read(&session, query).await?.to_har()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"crewpass-mock.har\""));
    Ok(response)
}

pub(crate) async fn clear(TargetSession(session): TargetSession) -> Json<Value> {
    Json(json!({"cleared": session.lock().journal.clear()}))
}

/// Refuses where nothing is kept: an empty answer would read as "nothing happened".
pub(super) fn is_kept(session: &Session) -> Result<(), Problem> {
    if session.lock().journal.is_off() {
        return Err(Problem::not_found("this session keeps no journal: `serve --journal N` and `\"journal\": N` do"));
    }
    Ok(())
}

async fn read(session: &Session, query: Query) -> Result<Journal, Problem> {
    is_kept(session)?;
    let (filter, wait) = query.read()?;
    let changed = session.lock().journal.changed();
    let until = tokio::time::sleep(wait);
    tokio::pin!(until);
    loop {
        let mut notified = std::pin::pin!(changed.notified());
        // Listening before looking: what comes between the two is heard.
        notified.as_mut().enable();
        let (journal, ended) = {
            let state = session.lock();
            (state.journal.read(&filter), state.journal.is_closed())
        };
        if !journal.entries.is_empty() || ended || until.is_elapsed() || wait.is_zero() {
            return Ok(journal);
        }
        tokio::select! {
            () = &mut notified => {}
            () = &mut until => {}
        }
    }
}
