//! The options of a probe, and the part of it that the judged clauses need.

use std::time::Duration;

use crate::requirement::{Change, ClauseFacts, OptIn, Part};
use crate::server::clauses::clauses;
use crate::steps::Steps;

/// The options of a probe.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Options {
    /// The URL of the control API of a fake.
    pub control: Option<String>,
    /// Requests per second.
    pub rate: u32,
    /// Sends requests that no good client sends.
    pub hostile: bool,
    /// Sends a burst.
    pub limits: bool,
    /// Sends the two documented POSTs.
    pub posts: bool,
    /// Waits in real time until a link expires.
    pub wait: bool,
    /// The time limit of a response [default: 30 s].
    pub response_limit: Option<Duration>,
    /// A CA to trust, in PEM.
    pub ca: Option<Vec<u8>>,
    /// The ids of the judged clauses; all if it is empty. No lever is used for a clause that is not judged.
    pub only: Vec<String>,
    /// Gets the name of each part of the probe.
    pub steps: Steps,
}

impl Options {
    /// Returns true if a judged clause needs this change of the server.
    pub(super) fn needs(&self, change: Change) -> bool {
        self.judges(|facts| facts.lever == Some(change))
    }

    /// Returns true if a judged clause needs unusual requests, and they are allowed.
    pub(super) fn allows(&self, option: OptIn) -> bool {
        let allowed = match option {
            OptIn::Hostile => self.hostile,
            OptIn::Limits => self.limits,
            OptIn::Posts => self.posts,
        };
        allowed && self.judges(|facts| facts.only_with == Some(option))
    }

    /// Returns true if a judged clause needs a part of the requests.
    pub(super) fn requests(&self, part: Part) -> bool {
        self.judges(|facts| facts.requests.contains(&part))
    }

    /// Returns true if a clause is judged that has the property, or that is about every response.
    fn judges(&self, has_property: impl Fn(&ClauseFacts) -> bool) -> bool {
        if self.only.is_empty() {
            return true;
        }
        // The built-in catalogue is valid; a test reads it.
        let clauses = clauses().unwrap_or_default();
        let judged = clauses.iter().filter(|clause| self.only.contains(&clause.id));
        judged.filter_map(|clause| clause.clause_facts()).any(|facts| facts.every_response || has_property(facts))
    }
}
