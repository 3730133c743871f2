//! The obligations that can be judged in a drawn scenario: those whose judges are right about every
//! good client there. Obligations that are judged everywhere are not listed.

use super::choices::Change;
use super::drawn::Drawn;
use super::drawn_document::{DrawnDocument, Name};
use super::drawn_fault::{DrawnFault, FaultKind};
use crate::client::scenario::{RightExit, StepName};

/// The obligations that apply whatever the faults are.
const ALWAYS: &[&str] = &["CPK-AUTH-02", "CPK-AUTH-03"];

impl Drawn {
    /// Returns the ids of the applicable obligations, in no order.
    pub(super) fn is_applicable(&self) -> Vec<String> {
        if self.certificate.is_some() {
            return vec!["CPK-AUTH-06".to_owned()];
        }
        let exit = self.expected_exit();
        let mut all = ALWAYS.to_vec();
        // That such an id is encoded is a SHOULD.
        all.extend((!self.odd_crew).then_some("CPK-LIST-01"));
        // A request that was redirected elsewhere must not have the key.
        all.extend((!self.has(|what| what == FaultKind::KeyAway)).then_some("CPK-AUTH-01"));
        // The target of that redirect differs by its query alone.
        all.extend((!self.has(|what| what == FaultKind::LoopPage)).then_some("CPK-LINK-01"));
        all.extend(self.is_plainly_refused().then_some("CPK-LINK-03"));
        all.extend(self.later.is_some().then_some("CPK-LINK-06"));
        all.extend(self.has_a_hostile_name().then_some("CPK-NAME-01"));
        let is_empty = exit == RightExit::Saved && self.documents_at_the_end().is_empty();
        all.extend(is_empty.then_some("CPK-LIST-05"));
        all.extend((exit == RightExit::Saved && self.later_is(Change::Upload)).then_some("CPK-LIST-08"));
        if !self.is_coded_unasked() {
            all.extend(self.breaks_files(FaultKind::is_front).then_some("CPK-FILE-01"));
            all.extend(self.breaks_files(|what| !what.is_front()).then_some("CPK-FILE-02"));
        }
        if !self.loops() {
            all.push("CPK-RTY-04");
            all.extend(self.only_says_no().then_some("CPK-RTY-05"));
        }
        if self.later.is_none() {
            // For a link that is missing, another obligation gives a clearer finding.
            let odd_id = !self.odd_crew && self.has_an_odd_id() && !self.has(|what| what == FaultKind::NoLink);
            all.extend(odd_id.then_some("CPK-LINK-02"));
            all.extend(self.names_are_plain().then_some("CPK-NAME-09"));
            all.extend(self.of_one_run(exit));
        }
        all.into_iter().map(ToOwned::to_owned).collect()
    }

    /// Returns the obligations about refusals that apply to a scenario with one run.
    fn of_one_run(&self, exit: RightExit) -> Vec<&'static str> {
        let mut all = Vec::new();
        match self.list_says() {
            Some(DrawnFault { what: FaultKind::Status { code: 401 | 403, .. }, .. }) => all.push("CPK-ERR-01"),
            Some(DrawnFault { what: FaultKind::Status { code: 404, .. }, times: None, .. }) => all.push("CPK-ERR-03"),
            _ => {}
        }
        all.extend(self.every_link_is_denied().then_some("CPK-ERR-02"));
        all.extend(self.one_is_bad().then_some("CPK-LIST-09"));
        if exit != RightExit::Refused {
            return all;
        }
        let stays = |kinds: fn(FaultKind) -> bool| self.faults.iter().any(|fault| fault.stays() && kinds(fault.what));
        all.extend(self.refuses(|fault| fault.step == StepName::Link).then_some("CPK-ERR-05"));
        all.extend(self.refuses(|_| true).then_some("CPK-ERR-06"));
        let down = |fault: &DrawnFault| matches!(fault.what, FaultKind::Status { code: 503, .. }) && fault.stays();
        all.extend((self.refuses(down) && !self.loops()).then_some("CPK-RTY-02"));
        all.extend(stays(|what| what == FaultKind::BusyThenNo).then_some("CPK-RTY-08").filter(|_| !self.loops()));
        all.extend(stays(|what| what == FaultKind::Stall).then_some("CPK-TIME-01"));
        let unread = |what| {
            matches!(what, FaultKind::NoItems | FaultKind::ItemsObject | FaultKind::Malformed | FaultKind::Truncated)
        };
        let of_list = self.faults.iter().any(|fault| fault.step == StepName::List && unread(fault.what));
        all.extend((of_list && self.at(StepName::List, None) == RightExit::Refused).then_some("CPK-LIST-06"));
        if !self.has(|what| matches!(what, FaultKind::Away | FaultKind::KeyAway | FaultKind::LinkElsewhere)) {
            let no_url = |what| matches!(what, FaultKind::LinkToDisk | FaultKind::LinkRelative);
            all.extend((stays(no_url) && !self.is_coded_unasked()).then_some("CPK-LINK-08"));
            let null_only = !self.has(no_url) && stays(|what| what == FaultKind::NoLink);
            all.extend(null_only.then_some("CPK-LINK-10"));
        }
        all
    }

    fn has(&self, what: fn(FaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| what(fault.what))
    }

    /// Returns true if a status refuses something that matches.
    fn refuses(&self, which: fn(&DrawnFault) -> bool) -> bool {
        self.faults.iter().any(|fault| matches!(fault.what, FaultKind::Status { .. }) && which(fault))
    }

    /// Returns true if a file is refused or incomplete, by a matching fault.
    fn breaks_files(&self, how: fn(FaultKind) -> bool) -> bool {
        let broken = |fault: &DrawnFault| fault.what.comes_to() == RightExit::Refused && how(fault.what);
        self.faults.iter().any(|fault| fault.step == StepName::File && broken(fault))
    }

    pub(super) fn has_a_hostile_name(&self) -> bool {
        self.names.iter().take(self.documents.len()).any(|name| matches!(name, Name::Hostile(_)))
    }

    fn has_an_odd_id(&self) -> bool {
        self.documents.iter().any(DrawnDocument::has_an_odd_id)
    }

    /// Returns true if a file has a content coding that was not requested, which changes its bytes.
    fn is_coded_unasked(&self) -> bool {
        self.faults.iter().any(|fault| fault.step == StepName::File && fault.what == FaultKind::GzipAlways)
    }

    /// Returns true if one try may take several requests.
    fn loops(&self) -> bool {
        let redirected = self.policies.get("file_redirect").is_some_and(|value| value != "none");
        redirected
            || self.has(|what| {
                matches!(what, FaultKind::Loop | FaultKind::LoopPage | FaultKind::Away | FaultKind::KeyAway)
            })
    }

    /// Returns true if list and link are either served or refused for good, so that no retry helps.
    fn only_says_no(&self) -> bool {
        let at_api = self.faults.iter().filter(|fault| fault.step != StepName::File);
        let is_no = |fault: &DrawnFault| matches!(fault.what, FaultKind::Status { code: 401 | 403 | 404, .. });
        let mut drawn_faults = at_api.filter(|fault| fault.what.comes_to() != RightExit::Saved);
        drawn_faults.all(is_no) && !self.later_is(Change::StoreDown)
    }

    /// Returns true if only a status keeps a client from a file: a complete answer is then taken in
    /// full.
    fn is_plainly_refused(&self) -> bool {
        let plain = |fault: &DrawnFault| {
            fault.what.comes_to() == RightExit::Saved || matches!(fault.what, FaultKind::Status { .. })
        };
        self.faults.iter().all(plain)
    }

    /// Returns true if no two files share a name, and none has an unsafe one.
    pub(super) fn names_are_plain(&self) -> bool {
        self.names.iter().take(self.documents.len()).all(|name| matches!(name, Name::Own | Name::None))
    }

    /// Returns the fault of the list, if there is exactly one.
    fn list_says(&self) -> Option<&DrawnFault> {
        let mut all = self.faults.iter().filter(|fault| fault.step == StepName::List);
        all.clone().count().eq(&1).then(|| all.next()).flatten()
    }

    /// Returns true if the link step refuses every document for good.
    fn every_link_is_denied(&self) -> bool {
        let mut of_links = self.faults.iter().filter(|fault| fault.step == StepName::Link);
        let first = of_links.next();
        let denies = |fault: &DrawnFault| matches!(fault.what, FaultKind::Status { code: 403, .. });
        first.is_some_and(|fault| denies(fault) && fault.document.is_none() && fault.stays())
            && of_links.next().is_none()
    }

    /// Returns true if one document's link is refused at every try and the other documents can be
    /// downloaded.
    pub(super) fn one_is_bad(&self) -> bool {
        let all = self.documents_at_the_end();
        let link = |document: &Option<usize>| self.at(StepName::Link, *document);
        let bad = all.iter().filter(|document| link(document) == RightExit::Refused).count();
        let good = all
            .iter()
            .filter(|document| link(document) == RightExit::Saved && self.of_file(**document) == RightExit::Saved);
        let refused = self.faults.iter().all(DrawnFault::is_a_refusal_of_one);
        self.later.is_none()
            && bad == 1
            && good.count() + 1 == all.len()
            && refused
            && self.of_the_rest() == RightExit::Saved
            && self.at(StepName::List, None) == RightExit::Saved
    }
}
