//! The metrics of a run for Prometheus. No label has an id: their number is bounded by the contract.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::app_state::AppState;
use crate::request_log::RequestLine;

/// The labels of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    /// The endpoint, `control`, `openapi`, or `none` for an unknown path.
    endpoint: &'static str,
    /// The status; 0 if there was no response.
    status: u16,
    /// The clause that decided; `none` for a request outside the API.
    clause: &'static str,
}

/// The label of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabels {
    /// The effect of the rule, not its name.
    effect: &'static str,
}

/// The metrics of a run.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter<u64, AtomicU64>>,
    faults: Family<FaultLabels, Counter<u64, AtomicU64>>,
    sessions: Gauge<i64, AtomicI64>,
    connections: Gauge<i64, AtomicI64>,
    accepted: Counter<u64, AtomicU64>,
    journal_dropped: Gauge<i64, AtomicI64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("crewpass_mock");
        let (requests, faults) = (Family::default(), Family::default());
        let accepted = Counter::default();
        let [sessions, connections, journal_dropped] = [(); 3].map(|()| Gauge::default());
        registry.register("requests", "Requests by endpoint, status and deciding clause", requests.clone());
        registry.register("faults_fired", "Fired fault rules by their effect", faults.clone());
        registry.register("sessions", "Open sessions, the default one included", sessions.clone());
        registry.register("connections", "Open connections of the main listener", connections.clone());
        registry.register("connections_accepted", "Accepted connections of the main listener", accepted.clone());
        registry.register("journal_dropped", "Journal entries that the open sessions evicted", journal_dropped.clone());
        Self { registry, requests, faults, sessions, connections, accepted, journal_dropped }
    }

    /// Counts a request that has ended.
    pub(crate) fn count(&self, endpoint: &'static str, line: &RequestLine) {
        let status = line.status.map_or(0, |status| status.as_u16());
        let clause = line.clause.map_or("none", |clause| clause.id);
        self.requests.get_or_create(&RequestLabels { endpoint, status, clause }).inc();
    }

    /// Counts a fault rule that has fired.
    pub(crate) fn count_fault(&self, effect: &'static str) {
        self.faults.get_or_create(&FaultLabels { effect }).inc();
    }

    /// Returns all metrics in the text format of `OpenMetrics`.
    pub(crate) fn text(&self, app: &AppState) -> String {
        let sessions = app.sessions.all(jiff::Timestamp::now());
        let dropped = sessions.iter().map(|session| session.lock().journal.dropped()).sum();
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.sessions.set(signed(sessions.len() as u64));
        self.connections.set(signed(app.traffic.open()));
        self.accepted.inc_by(app.traffic.accepted().saturating_sub(self.accepted.get()));
        self.journal_dropped.set(signed(dropped));
        let mut text = String::new();
        // Writing to a `String` can't fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
