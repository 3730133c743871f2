//! Waiting for a session: until a fault rule fires, or until every exchange is finished. Uses the
//! journal's signal and never polls.

use super::handle::Session;
use crate::journal::Filter;

impl Session {
    /// Returns the number of times that a fault rule has fired.
    pub fn times_fired(&self, fault: &str) -> u64 {
        let reports = self.lock().faults.reports();
        reports.iter().find(|report| *report.name == *fault).map_or(0, |report| report.fired)
    }

    /// Resolves when a fault rule has fired more often than `before`.
    pub async fn wait_for_fault(&self, fault: &str, before: u64) {
        self.wait_until(|session| session.times_fired(fault) > before).await;
    }

    /// Resolves when every exchange is finished.
    pub async fn wait_until_idle(&self) {
        let none = Filter { limit: Some(0), ..Filter::default() };
        self.wait_until(|session| session.journal(&none).open == 0).await;
    }

    async fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let changed = self.lock().journal.changed();
        loop {
            let mut notified = std::pin::pin!(changed.notified());
            // Register before checking, so that no change between the two is missed.
            notified.as_mut().enable();
            if condition(self) {
                return;
            }
            notified.await;
        }
    }
}
