//! A drawn case of a fleet: people, their documents, the walk, faults and a change, in the order in which they are shrunk.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::draw::Size;
use super::super::drawn::{CLIENT_DEADLINE, Drawn, MOST};
use super::super::drawn_document::{DrawnDocument, Name, names};
use super::super::drawn_fault::{DrawnFault, fault};
use super::change::{Change, ChangeKind, change};
use super::fault::{ListFault, PageFault, PageFaultKind, list_fault, page_fault};
use super::person::{Consent, DrawnPerson, Place, person, special};
use super::policies::policies;
use super::walk::{Walk, walk};
use crate::client::scenario::{BaseForm, Clock, RunPlan, Scenario, StepName};
use crate::client::task::Task;

/// The policies that are no reason why somebody is not saved.
const NEUTRAL: [&str; 4] = ["fleet_order", "page_rows", "empty_pages", "page_drift"];

/// The rows of a page by the policy that makes pages small.
const ROWS: usize = 2;

/// The parts of a drawn case.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::property) struct DrawnFleet {
    pub(super) people: Vec<DrawnPerson>,
    /// The names of the files of all documents, person by person.
    pub(super) names: Vec<Name>,
    pub(super) walk: Walk,
    pub(super) page_fault: Option<PageFault>,
    pub(super) list_fault: Option<ListFault>,
    /// Faults of links and files. A document is meant by its place among the documents of everybody.
    pub(super) item_faults: Vec<DrawnFault>,
    pub(super) policies: BTreeMap<String, String>,
    /// The partner is granted the scope of the statuses.
    pub(super) status_is_granted: bool,
    pub(super) change: Option<Change>,
}

/// Draws the parts of a case.
pub(in crate::property) fn drawn_fleet() -> impl Strategy<Value = DrawnFleet> {
    let people =
        (proptest::collection::vec(person(), 0..=MOST), special(), 0..MOST).prop_map(|(mut people, special, at)| {
            let at = at.checked_rem(people.len());
            if let (Some(at), Some(special)) = (at, special) {
                people[at].become_special(special);
            }
            people
        });
    let of_item = fault(MOST).prop_map(|fault| Some(fault).filter(|fault| fault.step != StepName::List));
    let item_faults = prop_oneof![5 => Just(None), 1 => of_item].prop_map(|fault| fault.into_iter().collect());
    let granted = prop_oneof![9 => Just(true), 1 => Just(false)];
    let faults = (page_fault(), list_fault(MOST), item_faults);
    (people, names(MOST), walk(), faults, policies(), granted, change(MOST)).prop_map(
        |(people, names, walk, (page_fault, list_fault, item_faults), policies, status_is_granted, change)| {
            let parts = DrawnFleet {
                people,
                names,
                walk,
                page_fault,
                list_fault,
                item_faults,
                policies,
                status_is_granted,
                change,
            };
            parts.within()
        },
    )
}

impl DrawnFleet {
    /// Removes what does not go together, maps every fault to an existing page, person or document, and leaves a good
    /// client the time for all of it.
    pub(super) fn within(mut self) -> Self {
        let mut left = MOST;
        for person in &mut self.people {
            person.documents.truncate(left);
            left -= person.documents.len();
        }
        self.fit_change();
        self.fit_list_fault();
        self.fit_walk();
        if self.has_one_cause() {
            self.make_the_rest_plain();
        }
        let flat = self.flat().within();
        (self.item_faults, self.policies) = (flat.faults, flat.policies);
        if flat.documents.is_empty() {
            self.item_faults.clear();
        }
        self
    }

    /// A change happens without faults, and to a person to whom it can happen.
    fn fit_change(&mut self) {
        let place = |person: usize| person.checked_rem(self.people.len());
        self.change = self.change.and_then(|change| Some(Change { person: place(change.person)?, ..change }));
        let Some(change) = self.change else { return };
        (self.walk, self.page_fault, self.list_fault) = (Walk::Served, None, None);
        self.item_faults.clear();
        let person = &mut self.people[change.person];
        match change.what {
            ChangeKind::Joins => person.place = Place::Off,
            ChangeKind::Advance => {}
            _ if person.place == Place::Off => person.place = Place::First,
            _ => {}
        }
        if change.what.withholds() && !person.shows_documents() {
            person.consent = Consent::Full;
        }
        if change.what == ChangeKind::Upload && person.documents.is_empty() {
            self.change = None;
        }
    }

    /// A list is requested of a person on the fleet, and it is served if the person consents.
    fn fit_list_fault(&mut self) {
        let people = &self.people;
        let place = |person: usize| person.checked_rem(people.len());
        self.list_fault = self.list_fault.and_then(|fault| Some(ListFault { person: place(fault.person)?, ..fault }));
        self.list_fault = self.list_fault.filter(|fault| {
            let person = &people[fault.person];
            person.place != Place::Off && person.consent != Consent::Nothing
        });
    }

    fn fit_walk(&mut self) {
        let pages = self.pages();
        self.walk = std::mem::replace(&mut self.walk, Walk::Served).within(self.row_count());
        if self.walk != Walk::Served {
            self.page_fault = None;
            self.policies.retain(|policy, _| !matches!(policy.as_str(), "fleet_without_status" | "empty_pages"));
        }
        self.page_fault = self.page_fault.filter(|fault| !fault.needs_cursor() || pages > 1).map(|fault| {
            let first = usize::from(fault.needs_cursor());
            let is_of_first = fault.what == PageFaultKind::Unprocessable;
            PageFault { page: if is_of_first { 0 } else { fault.page.clamp(first, pages.max(1) - 1) }, ..fault }
        });
        let is_calm = self.fault_count() == 0 && self.change.is_none();
        if self.has_empty_pages() && !(is_calm && pages > 1) {
            self.policies.remove("empty_pages");
        }
        if self.page_fault.is_some_and(|fault| fault.page > 0) || self.has_empty_pages() {
            self.policies.insert("page_rows".to_owned(), "two".to_owned());
        }
    }

    /// Returns true if the case is about obligations that want everybody saved although something happened: nothing else
    /// may be the reason why somebody is not.
    fn has_one_cause(&self) -> bool {
        let of_page = self.page_fault.map(|fault| fault.what);
        let withholds = self.change.is_some_and(|change| change.what.withholds());
        self.is_of_a_should() || withholds || matches!(of_page, Some(PageFaultKind::Brief(_))) || self.has_two_rows()
    }

    /// Removes what is special about people, documents, names, policies and other steps.
    fn make_the_rest_plain(&mut self) {
        let is_about_rows = self.page_fault.is_none() && self.change.is_none() && !self.has_empty_pages();
        for person in &mut self.people {
            let place = if person.place == Place::Both && !is_about_rows { Place::First } else { person.place };
            *person = DrawnPerson { place, ..person.plain() };
            person.documents.fill(DrawnDocument::plain());
        }
        self.names.fill(Name::Own);
        self.status_is_granted = true;
        self.list_fault = None;
        self.item_faults.clear();
        self.policies.retain(|policy, _| NEUTRAL.contains(&policy.as_str()));
        if self.has_two_rows() {
            // Small pages divide the rows of a person.
            self.walk = Walk::Served;
            self.policies.insert("page_rows".to_owned(), "two".to_owned());
        }
        // A person on two vessels became one of one, so that there may be fewer pages.
        self.fit_walk();
    }

    fn has_two_rows(&self) -> bool {
        self.people.iter().any(|person| person.place == Place::Both)
    }

    /// Returns the number of rows at the start.
    pub(super) fn row_count(&self) -> usize {
        self.people.iter().map(|person| person.vessels().len()).sum()
    }

    /// Returns the number of small pages.
    pub(super) fn pages(&self) -> usize {
        self.row_count().div_ceil(ROWS)
    }

    /// Returns true if a policy has this value.
    pub(super) fn has_policy(&self, name: &str, value: &str) -> bool {
        self.policies.get(name).is_some_and(|set| set == value)
    }

    /// Returns true if pages without rows come between the others.
    pub(super) fn has_empty_pages(&self) -> bool {
        self.has_policy("empty_pages", "sometimes")
    }

    /// Returns the place of a person's first document among the documents of everybody.
    pub(super) fn first_document(&self, person: usize) -> usize {
        self.people[..person].iter().map(|person| person.documents.len()).sum()
    }

    /// Returns the documents of everybody as those of one person, with the faults of links and files.
    pub(super) fn flat(&self) -> Drawn {
        Drawn {
            documents: self.people.iter().flat_map(|person| &person.documents).cloned().collect(),
            faults: self.item_faults.clone(),
            names: self.names.clone(),
            policies: self.policies.clone(),
            clock: Clock::Real,
            later: None,
            odd_crew: false,
            certificate: None,
        }
    }

    /// Returns true if a client may have to wait.
    pub(in crate::property) fn waits(&self) -> bool {
        self.page_fault.is_some_and(PageFault::waits)
            || self.list_fault.is_some_and(ListFault::waits)
            || self.item_faults.iter().any(|fault| fault.what.waits())
    }

    fn fault_count(&self) -> usize {
        usize::from(self.page_fault.is_some()) + usize::from(self.list_fault.is_some()) + self.item_faults.len()
    }

    /// Returns the size.
    pub(in crate::property) fn size(&self) -> Size {
        let documents = self.people.iter().map(|person| person.documents.len()).sum();
        Size { people: Some(self.people.len()), documents, faults: self.fault_count() }
    }

    /// Builds the scenario.
    pub(in crate::property) fn scenario(&self) -> Scenario {
        let changed = self.change.map(|change| {
            let (person, first) = (&self.people[change.person], self.first_document(change.person) + 1);
            let crew = person.id(change.person + 1);
            (crew.clone(), change.run(crew, person.documents.first().map(|document| document.id(first))))
        });
        let (crew_id, second) = changed.unzip();
        Scenario {
            task: Task::Fleet,
            since: 2,
            id: "property/drawn".to_owned(),
            title: self.size().title(),
            provokes: self.is_applicable(),
            twin: None,
            only: self.is_of_a_should(),
            off_contract: false,
            world: self.world(),
            // An upload is for this person.
            crew_id: crew_id.unwrap_or_else(|| "crew_001".to_owned()),
            not_in_fleet: None,
            is_adapted: false,
            key: "full".to_owned(),
            policies: self.policies.clone(),
            vary: BTreeMap::new(),
            faults: self.rules(),
            clock: Clock::Real,
            base: BaseForm::default(),
            certificate: None,
            second_certificate: None,
            traps: Vec::new(),
            second_is_ours: false,
            runs: std::iter::once(RunPlan::default()).chain(second).collect(),
            right_exit: self.expected_exit(),
            met: Vec::new(),
            deadline: None,
            patient: self.waits(),
            client_deadline: Some(CLIENT_DEADLINE.to_owned()),
        }
    }

    /// Returns the written pages and the faults as rules for the fake.
    fn rules(&self) -> Vec<Value> {
        let numbered = || self.people.iter().zip(1..);
        let rows: Vec<Value> =
            numbered().flat_map(|(person, number)| person.rows(number, self.status_is_granted)).collect();
        let mut rules = self.walk.rules(&rows, self.has_policy("last_cursor", "absent"));
        rules.extend(self.page_fault.map(|fault| fault.rule(self.pages())));
        rules.extend(self.list_fault.map(|fault| fault.rule(&self.people[fault.person].id(fault.person + 1))));
        let documents = self.people.iter().flat_map(|person| &person.documents).zip(1..);
        let ids: Vec<String> = documents.map(|(document, number)| document.id(number)).collect();
        rules.extend(self.item_faults.iter().enumerate().flat_map(|(number, fault)| fault.rules(number, &ids)));
        rules
    }

    fn world(&self) -> Value {
        let mut scopes = vec!["vessels:fleet:read", "crew:documents:read", "crew:documents:download"];
        scopes.extend(self.status_is_granted.then_some("crew:status:read"));
        let mut named = self.names.iter().zip(1..);
        let mut crew = Vec::new();
        for (person, number) in self.people.iter().zip(1..) {
            let documents = person.documents.iter().zip(named.by_ref());
            let documents: Vec<Value> =
                documents.flat_map(|(document, (name, number))| document.versions(number, name)).collect();
            crew.push(json!({
                "id": person.id(number), "name": person.name(number), "vessels": person.vessels(),
                "consent": {"prt_1": person.scopes()}, "documents": documents,
            }));
        }
        json!({
            "name": "drawn",
            "seed": 1,
            "partners": [{
                "id": "prt_1", "type": "customer", "plan": "management", "granted_scopes": scopes,
                "keys": [{"name": "full"}],
            }],
            "vessels": [
                {"id": "ves_1", "name": "M/Y Halcyon", "partners": ["prt_1"]},
                {"id": "ves_2", "name": "S/Y Meridian", "partners": ["prt_1"]},
            ],
            "crew": crew,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::super::policies::VALUES;
    use super::*;
    use crate::client::run::{fault_problem, keys_of_world};
    use crate::client::scenario::RightExit;

    fn thousand() -> Vec<DrawnFleet> {
        let mut runner = TestRunner::deterministic();
        (0..1_000).map(|_| drawn_fleet().new_tree(&mut runner).unwrap().current()).collect()
    }

    #[test]
    fn drawn_cases_cover_everything() {
        let all = thousand();
        let share = |of: &dyn Fn(&DrawnFleet) -> bool| all.iter().filter(|drawn| of(drawn)).count();
        assert!(share(&|drawn| drawn.people.len() >= 5) >= 300);
        assert!(share(&|drawn| drawn.row_count() == 0) >= 20);
        assert!(share(&|drawn| drawn.expected_exit() == RightExit::Saved) >= 250);
        assert!(share(&|drawn| drawn.expected_exit() == RightExit::Refused) >= 100);
        assert!(share(&|drawn| drawn.change.is_some()) >= 100);
        assert!(share(&|drawn| drawn.walk != Walk::Served) >= 100);
        let mut judged: BTreeMap<String, usize> = BTreeMap::new();
        all.iter().flat_map(DrawnFleet::is_applicable).for_each(|id| *judged.entry(id).or_default() += 1);
        // A fleet of a thousand people takes too long to draw.
        let drawn = (1..=19).filter(|number| *number != 13).map(|number| format!("CPK-FLEET-{number:02}"));
        let rare: Vec<_> = drawn.filter(|id| judged.get(id).is_none_or(|count| *count < 10)).collect();
        assert!(rare.is_empty(), "{rare:?}: {judged:?}");
        for (name, values) in VALUES {
            for value in values {
                let count = share(&|drawn| drawn.has_policy(name, value));
                assert!(count >= 10, "{name}={value}: {count}");
            }
        }
    }

    #[test]
    fn every_drawn_case_can_be_played() {
        for drawn in thousand().into_iter().step_by(5) {
            let scenario = drawn.scenario();
            keys_of_world(&scenario.world.to_string(), "drawn", None).unwrap();
            for rule in scenario.faults {
                let rule = rule.to_string().replace("{foreign}", "{base}").replace("{canary}", "/canary");
                assert_eq!(fault_problem(&serde_json::from_str(&rule).unwrap()), None, "{rule}");
            }
        }
    }

    #[test]
    fn a_case_that_fits_stays_as_it_is() {
        for drawn in thousand() {
            assert_eq!(drawn.clone().within(), drawn);
        }
    }
}
