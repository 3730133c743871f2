//! A shutdown signal, triggered once and seen by every connection.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that many tasks can await, and that costs one load to check.
///
/// A `tokio::sync::watch` would take a lock at each check, and every connection checks at every
/// poll.
#[derive(Debug, Default)]
pub(super) struct Shutdown {
    triggered: AtomicBool,
    notify: Notify,
}

impl Shutdown {
    /// Triggers the signal. It can't be withdrawn.
    pub(super) fn trigger(&self) {
        self.triggered.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    /// Returns true if the signal was triggered.
    pub(super) fn is_triggered(&self) -> bool {
        self.triggered.load(Ordering::Acquire)
    }

    /// Resolves once the signal is triggered, also if that was before the call.
    pub(super) async fn wait(&self) {
        let mut notify = std::pin::pin!(self.notify.notified());
        // Register before checking, so that a trigger between the two is not missed.
        notify.as_mut().enable();
        if !self.is_triggered() {
            notify.await;
        }
    }
}
