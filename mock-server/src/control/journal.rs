//! `/__mock/journal`: the requests of a session, its responses with their reasons, and its changes.
//!
//! - `GET /__mock/journal` returns `{"entries", "next", "open", "dropped"}`. Filters are query
//!   parameters, and all must match: `kind`, `step`, `status` (`404` or `4xx`), `clause`, `crew`,
//!   `document`, `key` (its last four characters), `fault`, `leaks=true`, `change`, `since` and
//!   `limit`. To read on, set `since` to the `next` of the last response
//! - with `wait=10s` it returns once an entry matches, or without entries after that time
//! - `GET /__mock/journal.har` returns the same as HAR 1.2
//! - `GET /__mock/journal/stream` sends each entry as a server-sent event: see [`super::stream`]
//! - `DELETE /__mock/journal` removes every entry

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use crewpass_diagnostics::{did_you_mean, parse_duration};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::target::QueryParams;
use super::{Problem, TargetSession};
use crate::clause;
use crate::endpoint::EndpointName;
use crate::http::Peer;
use crate::journal::{CHANGE_TOPICS, Filter, Journal, KindFilter, StatusFilter};
use crate::session::Session;

/// The maximum of `wait`.
const MAX_WAIT: Duration = Duration::from_mins(5);

/// The query parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    kind: Option<KindFilter>,
    step: Option<EndpointName>,
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
    /// Returns the filter, and the time to wait.
    pub(super) fn read(self) -> Result<(Filter, Duration), Problem> {
        if let Some(unknown) = self.clause.as_deref().filter(|id| !clause::ALL.iter().any(|known| known.id == *id)) {
            let hint = did_you_mean(unknown, clause::ALL.iter().map(|known| known.id));
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            return Err(Problem::bad_request(format!(
                "there is no clause `{unknown}`{hint}: docs/contract.md lists them"
            )));
        }
        if let Some(unknown) = self.change.as_deref().filter(|topic| !CHANGE_TOPICS.contains(topic)) {
            let hint = did_you_mean(unknown, CHANGE_TOPICS).map(|hint| format!("; {hint}")).unwrap_or_default();
            let known = CHANGE_TOPICS.join(", ");
            return Err(Problem::bad_request(format!("there is no change `{unknown}`{hint}; the changes are {known}")));
        }
        let wait = self.wait.as_deref().map(parse_duration).transpose();
        let wait = wait.map_err(|error| Problem::bad_request(error.to_string()))?.unwrap_or_default();
        if wait > MAX_WAIT {
            return Err(Problem::bad_request("`wait` must not exceed five minutes"));
        }
        // Destructured by name, so that a new field can't be forgotten.
        let Self { kind, step, status, clause, crew, document, key, fault, leaks, change, since, limit, .. } = self;
        Ok((Filter { kind, step, status, clause, crew, document, key, fault, leaks, change, since, limit }, wait))
    }
}

pub(crate) async fn show(
    TargetSession(session): TargetSession,
    QueryParams(query): QueryParams<Query>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(read(&session, query, &peer).await?.to_json()))
}

pub(crate) async fn har(
    TargetSession(session): TargetSession,
    QueryParams(query): QueryParams<Query>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Response, Problem> {
    let mut response = Json(read(&session, query, &peer).await?.to_har()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"crewpass-mock.har\""));
    Ok(response)
}

pub(crate) async fn clear(TargetSession(session): TargetSession) -> Json<Value> {
    Json(json!({"cleared": session.lock().journal.clear()}))
}

/// Fails if the journal is off: an empty answer would mean "nothing happened".
pub(super) fn is_kept(session: &Session) -> Result<(), Problem> {
    if session.lock().journal.is_off() {
        return Err(Problem::not_found(
            "the journal of this session is off: turn it on with `serve --journal N` or `\"journal\": N`",
        ));
    }
    Ok(())
}

/// Reads the journal, and waits for the first matching entry if the query says so. A client that leaves ends the wait.
async fn read(session: &Session, query: Query, peer: &Peer) -> Result<Journal, Problem> {
    is_kept(session)?;
    let (filter, wait) = query.read()?;
    let (changed, journal, mut position) = {
        let state = session.lock();
        (state.journal.changed(), state.journal.read(&filter), state.journal.finish_count())
    };
    if !journal.entries.is_empty() || wait.is_zero() {
        return Ok(journal);
    }
    let arrived = async {
        loop {
            let mut notified = std::pin::pin!(changed.notified());
            // Register before checking, so that no change between the two is missed.
            notified.as_mut().enable();
            {
                let state = session.lock();
                let new = state.journal.read_finished_after(position, &filter);
                if !new.entries.is_empty() || state.journal.is_closed() {
                    return;
                }
                position = state.journal.finish_count();
            }
            notified.await;
        }
    };
    tokio::select! {
        () = arrived => {}
        () = tokio::time::sleep(wait) => {}
        () = peer.connection.client_left() => {}
    }
    Ok(session.journal(&filter))
}
