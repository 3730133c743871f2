//! One event per request, for the log and the metrics. It never blocks the request.
//!
//! A request costs one attempt to put its line into a bounded channel. Formatting and writing are the reader's, in a
//! thread; where that does not keep up, lines are dropped and counted. Without a log and without metrics nothing is
//! collected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use http::request::Parts;
use http::{Method, StatusCode};
use jiff::Timestamp;

use crate::app_state::AppState;
use crate::clause::Clause;
use crate::endpoint::EndpointName;
use crate::session::Session;

/// The number of events that wait for the writer.
const CAPACITY: usize = 8 << 10;

/// The most bytes of a path that are logged.
const MAX_PATH_BYTES: usize = 1 << 10;

/// An event for the terminal.
#[derive(Debug)]
pub(crate) enum LogEvent {
    /// A request has ended.
    Request(RequestLine),
    /// The server has something to say, in whole lines.
    Notice(String),
}

/// A request and what came of it.
#[derive(Debug)]
pub(crate) struct RequestLine {
    /// The real time when the request was decided.
    pub at: Timestamp,
    /// The method.
    pub method: Method,
    /// The path as it was sent, cut if it is long. It may contain a token or a key.
    pub path: Box<str>,
    /// The status; `None` if the connection ended without a response.
    pub status: Option<StatusCode>,
    /// The clause that decided; `None` for a request outside the API.
    pub clause: Option<&'static Clause>,
    /// The session that decided; `None` for a request outside the API.
    pub session: Option<Arc<Session>>,
}

/// The sending half of the log. It never waits.
#[derive(Clone, Debug)]
pub(crate) struct LogSender {
    events: SyncSender<LogEvent>,
    dropped: Arc<AtomicU64>,
}

/// The receiving half of the log.
#[derive(Debug)]
pub(crate) struct LogReceiver {
    /// The events.
    pub events: Receiver<LogEvent>,
    dropped: Arc<AtomicU64>,
}

/// Creates a log.
pub(crate) fn log() -> (LogSender, LogReceiver) {
    let (sender, events) = sync_channel(CAPACITY);
    let dropped = Arc::<AtomicU64>::default();
    (LogSender { events: sender, dropped: Arc::clone(&dropped) }, LogReceiver { events, dropped })
}

impl LogSender {
    /// Sends an event, or counts it as dropped.
    pub(crate) fn send(&self, event: LogEvent) {
        if self.events.try_send(event).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl LogReceiver {
    /// Returns the number of events that were dropped since the last call.
    pub(crate) fn take_dropped(&self) -> u64 {
        // The load keeps the usual case free of a write.
        if self.dropped.load(Ordering::Relaxed) == 0 { 0 } else { self.dropped.swap(0, Ordering::Relaxed) }
    }
}

/// A request that is under way. Dropped before it was answered, it has ended without a response.
#[derive(Debug)]
pub(crate) struct Observation {
    app: Arc<AppState>,
    endpoint: &'static str,
    line: Option<RequestLine>,
}

impl Observation {
    /// Begins to observe a request, if anybody wants to know.
    pub(crate) fn begin(app: &Arc<AppState>, parts: &Parts) -> Option<Self> {
        if !app.observes() {
            return None;
        }
        let path = parts.uri.path();
        let path = path[..path.floor_char_boundary(MAX_PATH_BYTES)].into();
        let method = parts.method.clone();
        let line = RequestLine { at: Timestamp::now(), method, path, status: None, clause: None, session: None };
        Some(Self { app: Arc::clone(app), endpoint: "none", line: Some(line) })
    }

    /// Adds the session's decision.
    pub(crate) fn decided(mut self, endpoint: EndpointName, clause: &'static Clause, session: &Arc<Session>) -> Self {
        self.endpoint = endpoint.as_str();
        if let Some(line) = &mut self.line {
            (line.clause, line.session) = (Some(clause), Some(Arc::clone(session)));
        }
        self
    }

    /// Names what answers beside the API.
    pub(crate) fn beside_api(mut self, name: &'static str) -> Self {
        self.endpoint = name;
        self
    }

    /// Ends the observation with the status of the response.
    pub(crate) fn answered(mut self, status: StatusCode) {
        if let Some(line) = &mut self.line {
            line.status = Some(status);
        }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        let Some(line) = self.line.take() else { return };
        #[cfg(feature = "cli")]
        if let Some(metrics) = &self.app.metrics {
            metrics.count(self.endpoint, &line);
        }
        if let Some(log) = &self.app.request_log {
            log.send(LogEvent::Request(line));
        }
    }
}
