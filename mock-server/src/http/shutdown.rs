//! The word to stop, given once and heard by every connection.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that many tasks can wait for, and that costs one load where a task only looks.
///
/// A `tokio::sync::watch` would take a lock each time it is looked at, and every connection looks at every poll.
#[derive(Debug, Default)]
pub(super) struct Shutdown {
    given: AtomicBool,
    heard: Notify,
}

impl Shutdown {
    /// Gives the word; there is no way back.
    pub(super) fn give(&self) {
        self.given.store(true, Ordering::Release);
        self.heard.notify_waiters();
    }

    /// Whether the word was given.
    pub(super) fn is_triggered(&self) -> bool {
        self.given.load(Ordering::Acquire)
    }

    /// Resolves once the word is given, also when that was before the call.
    pub(super) async fn wait(&self) {
        let mut heard = std::pin::pin!(self.heard.notified());
        // Listening before looking: a word given between the two is heard.
        heard.as_mut().enable();
        if !self.is_triggered() {
            heard.await;
        }
    }
}
