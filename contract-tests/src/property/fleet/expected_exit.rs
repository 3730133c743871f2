//! The exit that the contract expects of a client that keeps every MUST and nothing else.

use super::super::expected_exit::worse;
use super::case::DrawnFleet;
use super::change::ChangeKind;
use super::fault::{ListFault, PageFault, PageFaultKind};
use super::person::{Consent, Id, Place};
use super::walk::Walk;
use crate::client::scenario::{RightExit, StepName};

impl DrawnFleet {
    /// Returns the expected exit of the last run.
    pub(super) fn expected_exit(&self) -> RightExit {
        let whole = self.of_pages();
        if whole == RightExit::Refused {
            return whole;
        }
        worse(whole, worse(self.of_people(), self.of_documents()))
    }

    /// Returns the exit that the pages lead to.
    fn of_pages(&self) -> RightExit {
        let is_refused = self.has_policy("fleet_without_status", "403") && !self.status_is_granted;
        if is_refused || matches!(self.walk, Walk::Circle(_)) {
            return RightExit::Refused;
        }
        // That a window is sent with each page again, and that an empty page may not be the last, is no MUST.
        let is_open = self.has_policy("cursor_query", "repeat") && self.row_count() > 1 || self.has_empty_pages();
        let policies = if is_open { RightExit::Either } else { RightExit::Saved };
        worse(policies, self.page_fault.map_or(RightExit::Saved, PageFault::comes_to))
    }

    /// Returns the exit that the people lead to: their rows, their ids, their consents and the faults of their lists.
    fn of_people(&self) -> RightExit {
        let mut exit = self.list_fault.map_or(RightExit::Saved, ListFault::comes_to);
        for (place, person) in self.people.iter().enumerate().filter(|(place, _)| self.is_on_fleet_at_the_end(*place)) {
            let is_withheld = match person.consent {
                Consent::Full | Consent::NoStatus => self.is_withheld(place),
                Consent::NoLinks => !person.documents.is_empty(),
                Consent::Nothing => true,
            };
            // That somebody with two rows is saved once is a SHOULD, and no path can hold a dot.
            if is_withheld || person.place == Place::Both || person.id == Id::Dot {
                exit = worse(exit, RightExit::Either);
            }
        }
        exit
    }

    /// Returns the exit that the links and files lead to.
    fn of_documents(&self) -> RightExit {
        let flat = self.flat();
        let mut exit = RightExit::Saved;
        for (place, person) in self.people.iter().enumerate().filter(|(place, _)| self.is_on_fleet_at_the_end(*place)) {
            let first = self.first_document(place);
            for document in (first..first + person.documents.len()).map(Some) {
                exit = worse(exit, flat.of_the_rest());
                if person.shows_documents() && !self.is_withheld(place) {
                    let of_item = worse(flat.at(StepName::Link, document), flat.of_file(document));
                    exit = worse(exit, of_item);
                }
            }
        }
        exit
    }

    /// Returns true if a person is on the fleet in the last run.
    fn is_on_fleet_at_the_end(&self, place: usize) -> bool {
        let change = self.change.filter(|change| change.person == place).map(|change| change.what);
        match change {
            Some(ChangeKind::Joins) => true,
            Some(ChangeKind::Leaves) => false,
            _ => self.people[place].place != Place::Off,
        }
    }

    /// Returns true if the list of a person is refused in the last run since the person left, or does not consent.
    fn is_withheld(&self, place: usize) -> bool {
        let by_change = self.change.is_some_and(|change| change.person == place && change.what.withholds());
        by_change || self.list_fault.is_some_and(|fault| fault.person == place && fault.withholds())
    }

    /// Returns true if only a SHOULD is about the case, so that nothing else is judged in it.
    pub(super) fn is_of_a_should(&self) -> bool {
        let of_page = self.page_fault.map(|fault| fault.what);
        self.has_empty_pages()
            || matches!(of_page, Some(PageFaultKind::BadCursor { .. } | PageFaultKind::Unprocessable))
    }
}
