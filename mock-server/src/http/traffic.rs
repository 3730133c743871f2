//! What came to a listener, counted by connections, and the order to break them off.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Counters of one listener.
#[derive(Debug, Default)]
pub struct Traffic {
    accepted: AtomicU64,
    encrypted: AtomicU64,
    asked: AtomicU64,
    cut: Notify,
}

impl Traffic {
    /// How many connections were accepted.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// On how many of them a TLS handshake was completed, by which the client takes the certificate.
    pub fn encrypted(&self) -> u64 {
        self.encrypted.load(Ordering::Relaxed)
    }

    /// How many of them carried a request.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Breaks off every connection that is open now; what comes later is served.
    pub fn break_off(&self) {
        self.cut.notify_one();
    }

    pub(super) async fn told_to_break_off(&self) {
        self.cut.notified().await;
    }

    pub(super) fn note_accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_encrypted(&self) {
        self.encrypted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_asked(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }
}
