//! What a client's own papers change: what it can't do, and what is known to be broken.

use jiff::civil::Date;

use super::known::KnownFailures;
use super::merge::{ObligationResult, Outcome};
use crate::manifest::Unsupported;

/// A client's own papers.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// What it can't do, from its manifest.
    pub unsupported: &'a [Unsupported],
    /// What is known to be broken.
    pub known: &'a KnownFailures,
    /// The day of the run: a known failure may expire.
    pub today: Date,
    /// Some cases were left out, so that an entry that names no case may be about one of those.
    pub partial: bool,
}

impl Rules<'_> {
    /// Applies them. What can't be exercised or seen is excused with a reason; what is broken is never excused so.
    pub fn apply(&self, mut results: Vec<ObligationResult>) -> Vec<ObligationResult> {
        for result in &mut results {
            if matches!(result.outcome, Outcome::NotExercised | Outcome::NotObservable)
                && let Some(entry) = self.unsupported.iter().find(|entry| entry.id == result.id)
            {
                result.outcome = Outcome::Unsupported;
                result.note = Some(entry.reason.clone());
            }
        }
        self.known.apply(&mut results, self.today, self.partial);
        results
    }
}
