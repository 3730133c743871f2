//! The obligations that can be judged in a drawn case: those whose judges are right about every good client there.
//! Obligations that are judged everywhere are not listed.

use super::case::DrawnFleet;
use super::fault::{Brief, Final, PageFaultKind};
use super::person::{Id, Place};
use super::walk::Walk;
use crate::client::scenario::RightExit;

impl DrawnFleet {
    /// Returns the ids of the applicable obligations, in no order.
    pub(super) fn is_applicable(&self) -> Vec<String> {
        let all = if self.is_of_a_should() { self.of_one_should() } else { self.of_everything() };
        all.into_iter().map(ToOwned::to_owned).collect()
    }

    /// Returns the obligations of a case that is about nothing but them.
    fn of_one_should(&self) -> Vec<&'static str> {
        match self.page_fault.map(|fault| fault.what) {
            Some(PageFaultKind::BadCursor { .. }) => vec!["CPK-FLEET-09"],
            Some(PageFaultKind::Unprocessable) => vec!["CPK-FLEET-18"],
            _ if self.without_shoulds().expected_exit() == RightExit::Saved => vec!["CPK-FLEET-08"],
            _ => Vec::new(),
        }
    }

    fn of_everything(&self) -> Vec<&'static str> {
        // Whatever is sent, a limit is in range, and a cursor goes back as it came.
        let mut all = vec!["CPK-FLEET-14"];
        all.extend(matches!(self.walk, Walk::Written(_)).then_some("CPK-FLEET-02"));
        all.extend(matches!(self.walk, Walk::Circle(_)).then_some("CPK-FLEET-04"));
        if self.expected_exit() == RightExit::Saved {
            all.extend(["CPK-FLEET-01", "CPK-FLEET-03", "CPK-FLEET-07", "CPK-FLEET-17"]);
        }
        let is_calm = self.without_shoulds().expected_exit() == RightExit::Saved;
        if is_calm && self.page_fault.is_none() && self.change.is_none() {
            let is_twice = self.people.iter().any(|person| person.place == Place::Both);
            all.extend(is_twice.then_some(["CPK-FLEET-05", "CPK-FLEET-11"]).into_iter().flatten());
        }
        // A client may refuse an id that no path can hold.
        let held = self.without_dots().without_shoulds().expected_exit() == RightExit::Saved;
        let is_about_ids = held && self.page_fault.is_none() && self.change.is_none() && self.flat().names_are_plain();
        all.extend(is_about_ids.then_some("CPK-FLEET-16"));
        // A client may print an id with special characters in another form.
        let is_plain = |person: usize| self.people[person].id == Id::Plain;
        let withholds = self.change.is_some_and(|change| change.what.withholds() && is_plain(change.person));
        let was_friendly = Self { change: None, ..self.clone() }.expected_exit() == RightExit::Saved;
        all.extend((withholds && was_friendly).then_some("CPK-FLEET-06"));
        all.extend(self.of_page_fault(is_calm));
        all
    }

    /// Returns the obligation that the fault of a page is about.
    fn of_page_fault(&self, is_calm: bool) -> Option<&'static str> {
        let fault = self.page_fault?;
        match fault.what {
            PageFaultKind::Brief(Brief::BusyFor | Brief::BusyInBody) => is_calm.then_some("CPK-FLEET-10"),
            PageFaultKind::Brief(_) => (is_calm && fault.page > 0).then_some("CPK-FLEET-12"),
            PageFaultKind::Broken(_) => Some("CPK-FLEET-15"),
            PageFaultKind::Final(Final::NoKey | Final::NotGranted) => (fault.page > 0).then_some("CPK-FLEET-19"),
            PageFaultKind::Final(_)
            | PageFaultKind::Harmless(_)
            | PageFaultKind::BadCursor { .. }
            | PageFaultKind::Unprocessable
            | PageFaultKind::NoJson { .. } => None,
        }
    }

    /// Returns the case with ids that a path can hold.
    fn without_dots(&self) -> Self {
        let mut calm = self.clone();
        calm.people.iter_mut().filter(|person| person.id == Id::Dot).for_each(|person| person.id = Id::Plain);
        calm
    }

    /// Returns the case without what only a SHOULD is about: a second row, a brief failure of a page, an empty page.
    fn without_shoulds(&self) -> Self {
        let mut calm = self.clone();
        let twice = calm.people.iter_mut().filter(|person| person.place == Place::Both);
        twice.for_each(|person| person.place = Place::First);
        calm.policies.remove("empty_pages");
        calm.page_fault = calm.page_fault.filter(|fault| !matches!(fault.what, PageFaultKind::Brief(_)));
        calm
    }
}
