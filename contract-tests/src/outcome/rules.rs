//! The effect of a client's own files on results: unsupported obligations and known failures.

use jiff::civil::Date;

use super::known::KnownFailures;
use super::merge::{ObligationResult, Outcome};
use crate::manifest::Unsupported;

/// The content of a client's own files.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// The unsupported obligations, from the manifest.
    pub unsupported: &'a [Unsupported],
    /// The known failures.
    pub known: &'a KnownFailures,
    /// The day of the run, since known failures may expire.
    pub today: Date,
    /// True if cases were left out; an entry without a case may be about one of those.
    pub partial: bool,
}

impl Rules<'_> {
    /// Applies the rules. Results that were not exercised or observed are excused with a reason;
    /// failures never are.
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
