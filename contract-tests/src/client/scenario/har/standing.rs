//! Refusals that hold throughout a capture say where a partner and a person stand: a revoked key, a plan without the
//! API, a person off the fleet, a scope that is not granted or not consented to.

use std::collections::BTreeSet;

use super::seen::Seen;
use crate::client::scenario::StepName;

/// The scopes of both steps.
pub(super) const SCOPES: [&str; 2] = ["crew:documents:read", "crew:documents:download"];

/// The refusals that hold throughout a capture.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) revoked: bool,
    pub(super) no_api: bool,
    pub(super) off_fleet: bool,
    pub(super) not_granted: BTreeSet<String>,
    pub(super) not_consented: BTreeSet<String>,
}

impl Standing {
    /// Reads the lasting refusals of a capture. A refusal that ended is a fault, and not part of this.
    pub(super) fn new(all: &[Seen]) -> Self {
        let asked: Vec<_> = all.iter().filter(|seen| seen.step != StepName::File && was_checked(seen)).collect();
        let throughout = |is: &dyn Fn(&Seen) -> bool| !asked.is_empty() && asked.iter().all(|seen| is(seen));
        let listed = asked.iter().any(|seen| seen.step == StepName::List);
        let mut standing = Self {
            revoked: throughout(&|seen| seen.status == 401),
            no_api: throughout(&|seen| seen.status == 403 && seen.code() == Some("api_not_enabled")),
            off_fleet: listed && throughout(&|seen| seen.status == 404),
            ..Self::default()
        };
        for (step, usual) in [(StepName::List, SCOPES[0]), (StepName::Link, SCOPES[1])] {
            let of_step: Vec<_> = asked.iter().filter(|seen| seen.step == step).collect();
            for (code, missing) in
                [("scope_not_granted", &mut standing.not_granted), ("scope_not_consented", &mut standing.not_consented)]
            {
                if !of_step.is_empty() && of_step.iter().all(|seen| seen.status == 403 && seen.code() == Some(code)) {
                    let scope = of_step.iter().find_map(|seen| seen.error_field("scope")?.as_str());
                    missing.insert(scope.filter(|scope| SCOPES.contains(scope)).unwrap_or(usual).to_owned());
                }
            }
        }
        standing
    }

    /// Returns true if it is the reason of an answer, which then needs no fault.
    pub(super) fn explains(&self, seen: &Seen) -> bool {
        if seen.step == StepName::File {
            return false;
        }
        let scope_of = |missing: &BTreeSet<String>, code| seen.code() == Some(code) && !missing.is_empty();
        match seen.status {
            401 => self.revoked,
            404 => self.off_fleet,
            403 => {
                self.no_api
                    || scope_of(&self.not_granted, "scope_not_granted")
                    || scope_of(&self.not_consented, "scope_not_consented")
            }
            _ => false,
        }
    }

    /// Returns true if anything is refused.
    pub(super) fn refuses(&self) -> bool {
        *self != Self::default()
    }

    /// Returns the scopes that are left, without those missing.
    pub(super) fn left(missing: &BTreeSet<String>) -> Vec<&'static str> {
        SCOPES.into_iter().filter(|scope| !missing.contains(*scope)).collect()
    }
}

/// Returns true if a request reached the checks, and no trouble stopped it before.
fn was_checked(seen: &Seen) -> bool {
    seen.status != 0 && seen.status < 500 && seen.status != 429
}
