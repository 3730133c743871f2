//! Waiting for a session: until a rule fires, until every exchange is over. By the journal's own signal, never by
//! looking again and again.

use super::handle::Session;
use crate::journal::Filter;

impl Session {
    /// How often the rule of that name has fired.
    pub fn times_fired(&self, fault: &str) -> u64 {
        let reports = self.lock().faults.reports();
        reports.iter().find(|report| *report.name == *fault).map_or(0, |report| report.fired)
    }

    /// Resolves when the rule of that name has fired more often than `before`.
    pub async fn fired(&self, fault: &str, before: u64) {
        self.until(|session| session.times_fired(fault) > before).await;
    }

    /// Resolves when every exchange that was begun is over.
    pub async fn settled(&self) {
        let none = Filter { limit: Some(0), ..Filter::default() };
        self.until(|session| session.journal(&none).open == 0).await;
    }

    async fn until(&self, so: impl Fn(&Self) -> bool) {
        let moved = self.lock().journal.moved();
        loop {
            let mut notified = std::pin::pin!(moved.notified());
            // Listening begins before looking, so that nothing is missed in between.
            notified.as_mut().enable();
            if so(self) {
                return;
            }
            notified.await;
        }
    }
}
