//! The exit that the contract expects: what a client meets at each step of each document, and where
//! that leads a client that keeps every MUST and nothing else.

use super::choices::Change;
use super::drawn::Drawn;
use super::drawn_fault::{DrawnFault, FaultKind};
use crate::client::scenario::{Clock, RightExit, StepName};

/// Returns the distance of an exit from 0.
const fn weight(exit: RightExit) -> u8 {
    match exit {
        RightExit::Saved => 0,
        RightExit::Either => 1,
        RightExit::Refused => 2,
    }
}

/// Returns the one of two exits that is farther from 0.
pub(super) fn worse(one: RightExit, other: RightExit) -> RightExit {
    if weight(one) >= weight(other) { one } else { other }
}

impl Drawn {
    /// Returns the expected exit of the last run.
    pub(super) fn expected_exit(&self) -> RightExit {
        if self.certificate.is_some() {
            return RightExit::Refused;
        }
        let documents = self.documents_at_the_end();
        // That a difficult id is encoded is a SHOULD.
        let list = if self.odd_crew { RightExit::Either } else { RightExit::Saved };
        let list = worse(self.at(StepName::List, None), list);
        if documents.is_empty() {
            return list;
        }
        let each = documents.iter().map(|document| worse(self.at(StepName::Link, *document), self.of_file(*document)));
        let all = each.fold(list, worse);
        if self.later_is(Change::StoreDown) { RightExit::Refused } else { worse(all, self.of_the_rest()) }
    }

    /// Returns the documents of the last run; a newly uploaded one has an id that no rule names.
    pub(super) fn documents_at_the_end(&self) -> Vec<Option<usize>> {
        let gone = self.later.as_ref().and_then(|later| later.document);
        let left = (0..self.documents.len()).filter(|place| Some(*place) != gone).map(Some);
        let new = self.later_is(Change::Upload).then_some(None).filter(|_| gone.is_some());
        left.chain(new).collect()
    }

    pub(super) fn of_file(&self, document: Option<usize>) -> RightExit {
        self.at(StepName::File, document)
    }

    /// Returns the exit that the rules for a step and a document lead to.
    pub(super) fn at(&self, step: StepName, document: Option<usize>) -> RightExit {
        let met =
            |fault: &&DrawnFault| fault.step == step && fault.document.is_none_or(|about| Some(about) == document);
        let mut exit = RightExit::Saved;
        for fault in self.faults.iter().filter(met).filter(|fault| fault.what.is_front()) {
            if fault.stays() {
                // No fault after it can act.
                return fault.what.comes_to();
            }
            exit = worse(exit, at_times(fault));
        }
        let behind: Vec<&DrawnFault> = self.faults.iter().filter(met).filter(|fault| !fault.what.is_front()).collect();
        // Two of them may cancel each other, such as two links.
        let alters =
            |fault: &DrawnFault| fault.what.comes_to() != RightExit::Saved || fault.what == FaultKind::LinkEscaped;
        let alone = behind.iter().filter(|fault| alters(fault)).count() <= 1;
        for fault in behind {
            let comes_to = if fault.stays() && alone { fault.what.comes_to() } else { at_times(fault) };
            exit = worse(exit, comes_to);
        }
        exit
    }

    /// Returns the exit that names, policies and the clock lead to if there are documents.
    pub(super) fn of_the_rest(&self) -> RightExit {
        let hostile = self.has_a_hostile_name();
        let redirected = self.policies.get("file_redirect").is_some_and(|value| value != "none");
        // A client may trust its own clock.
        let behind = matches!(&self.clock, Clock::Behind(by) if by != "2m");
        if hostile || redirected || behind { RightExit::Either } else { RightExit::Saved }
    }
}

/// Returns the exit for a fault that ends: a client may retry or refuse.
const fn at_times(fault: &DrawnFault) -> RightExit {
    match fault.what.comes_to() {
        RightExit::Saved => RightExit::Saved,
        RightExit::Either | RightExit::Refused => RightExit::Either,
    }
}
