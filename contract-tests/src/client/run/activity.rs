//! The activity of a client in a run: how long it has done nothing, and whether it floods the server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crewpass_mock::{Filter, Session};
use tokio::time::sleep;

use super::case_env::CaseEnv;
use super::listeners::CaseListeners;
use crate::client::scenario::Scenario;
use crate::client::transport::QuietTime;

/// The most requests of one run, and the most bytes of their heads. The catalogue's longest list needs 601 requests.
const MOST_REQUESTS: u64 = 5_000;
const MOST_HEAD_BYTES: u64 = 4 << 20;

/// The most connections of one run, with and without a request.
const MOST_CONNECTIONS: u64 = 5_000;

/// The interval at which requests are counted.
const COUNT: Duration = Duration::from_millis(20);

/// Resolves when a client has sent more requests, or opened more connections, since now than any client needs.
pub(super) async fn flood(listeners: &CaseListeners) -> Duration {
    let (begun, (count, bytes), connections) = (Instant::now(), listeners.requests(), listeners.accepted());
    loop {
        sleep(COUNT).await;
        let now = listeners.requests();
        let has_connected = listeners.accepted() - connections;
        if now.0 - count > MOST_REQUESTS || now.1 - bytes > MOST_HEAD_BYTES || has_connected > MOST_CONNECTIONS {
            return begun.elapsed();
        }
    }
}

/// Returns a function for the time since the client's last connection, request, or the end of its last answer. While
/// an answer comes in slowly, the client is busy with it. A client that has not done anything yet is quiet for ever.
pub(super) fn quiet_time(case_env: &CaseEnv<'_>) -> QuietTime {
    let (session, listeners) = (Arc::clone(&case_env.session), Arc::clone(&case_env.listeners));
    let slow_faults = slow_faults(&case_env.scenario);
    let (begun, uptime) = (Instant::now(), case_env.fake.server.uptime());
    let connections = Mutex::new((listeners.accepted(), None));
    Arc::new(move || {
        if slow_faults.iter().any(|fault| is_being_sent(&session, fault)) {
            return Duration::ZERO;
        }
        let elapsed = begun.elapsed();
        let now = uptime + elapsed;
        let exchanges = session.journal(&Filter::default()).into_exchanges();
        let events = exchanges.flat_map(|noted| [noted.started, noted.ended]);
        let since_exchange =
            events.filter(|event| (uptime..=now).contains(event)).max().map(|event| now.saturating_sub(event));
        // A connection without a request is in no journal.
        let mut last = connections.lock().unwrap_or_else(PoisonError::into_inner);
        let accepted = listeners.accepted();
        if accepted != last.0 {
            *last = (accepted, Some(elapsed));
        }
        let since_connection = last.1.map(|at| elapsed.saturating_sub(at));
        since_exchange.into_iter().chain(since_connection).min().unwrap_or(Duration::MAX)
    })
}

/// Returns the names of the faults that send a body slowly.
fn slow_faults(scenario: &Scenario) -> Vec<String> {
    let slow = scenario.faults.iter().filter(|rule| rule.pointer("/then/drip").is_some());
    slow.filter_map(|rule| Some(rule.get("name")?.as_str()?.to_owned())).collect()
}

/// Returns true if an answer with this fault has begun and is not over. The journal has only those that are.
fn is_being_sent(session: &Session, fault: &str) -> bool {
    let exchanges = session.journal(&Filter::default()).into_exchanges();
    let over = exchanges.filter(|noted| noted.faults.iter().any(|name| **name == *fault)).count();
    session.times_fired(fault) > over as u64
}
