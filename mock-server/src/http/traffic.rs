//! Counters of a listener's connections, and the signal that aborts them.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// The connection counters of one listener.
#[derive(Debug, Default)]
pub struct Traffic {
    accepted: AtomicU64,
    encrypted: AtomicU64,
    with_request: AtomicU64,
    requests: AtomicU64,
    head_bytes: AtomicU64,
    ended: AtomicU64,
    accept_error: Mutex<Option<String>>,
    accept_failed: Notify,
    abort: Notify,
}

impl Traffic {
    /// Returns the number of accepted connections.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Returns the number of open connections.
    pub fn open(&self) -> u64 {
        self.accepted().saturating_sub(self.ended.load(Ordering::Relaxed))
    }

    /// Resolves with the system's error when a connection could not be accepted for lack of a resource, such as file
    /// descriptors.
    pub async fn accept_error(&self) -> String {
        loop {
            let failed = self.accept_failed.notified();
            if let Some(error) = self.accept_error.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return error;
            }
            failed.await;
        }
    }

    /// Returns the number of connections with a completed TLS handshake, in which the client
    /// accepted the certificate.
    pub fn encrypted(&self) -> u64 {
        self.encrypted.load(Ordering::Relaxed)
    }

    /// Returns the number of connections that carried a request.
    pub fn with_request(&self) -> u64 {
        self.with_request.load(Ordering::Relaxed)
    }

    /// Returns the number of requests, and the bytes of their targets and headers.
    pub fn requests(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.head_bytes.load(Ordering::Relaxed))
    }

    /// Counts a request.
    pub(crate) fn note_head(&self, bytes: usize) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.head_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Aborts every open connection. Later ones are served.
    pub fn abort_connections(&self) {
        self.abort.notify_one();
    }

    pub(super) async fn abort_requested(&self) {
        self.abort.notified().await;
    }

    pub(super) fn note_accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_accept_error(&self, error: &io::Error) {
        *self.accept_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        self.accept_failed.notify_one();
    }

    pub(super) fn note_encrypted(&self) {
        self.encrypted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_request(&self) {
        self.with_request.fetch_add(1, Ordering::Relaxed);
    }
}
