//! A drawn scenario: documents, faults, names, and the rest, in the order in which they are shrunk.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::choices::{Change, Later, certificate, clock, later, policies};
use super::draw::Size;
use super::drawn_document::{DrawnDocument, Name, document, names};
use super::drawn_fault::{DrawnFault, fault};
use crate::client::scenario::{Certificate, Clock, RunPlan, Scenario, StepName};
use crate::client::task::Task;

/// A valid crew id that is difficult in a path.
const ODD_CREW: &str = "a b/é?#%2F";

/// The most documents.
pub(super) const MOST: usize = 12;

/// The most documents of one fault or change that a client waits for.
const MOST_WAITING: usize = 2;

/// The deadline in the environment of the client. A client that keeps it ends soon the many cases that only end by a limit.
pub(super) const CLIENT_DEADLINE: &str = "8s";

/// The parts of a drawn scenario.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) documents: Vec<DrawnDocument>,
    pub(super) faults: Vec<DrawnFault>,
    pub(super) names: Vec<Name>,
    pub(super) policies: BTreeMap<String, String>,
    pub(super) clock: Clock,
    pub(super) later: Option<Later>,
    /// The crew member has a difficult id.
    pub(super) odd_crew: bool,
    /// The certificate of the server, if it is untrusted.
    pub(super) certificate: Option<Certificate>,
}

/// Returns a proptest strategy for complete scenarios: world, policies, faults, a clock, and the
/// exit that the contract expects. For a client's own property tests.
pub fn scenarios() -> impl Strategy<Value = Scenario> {
    drawn().prop_map(|drawn| drawn.scenario())
}

/// Draws the parts of a scenario.
pub(super) fn drawn() -> impl Strategy<Value = Drawn> {
    let documents = proptest::collection::vec(document(), 0..=MOST);
    let some = |many| proptest::collection::vec(fault(MOST), many);
    let faults = prop_oneof![5 => some(0..1), 3 => some(1..2), 2 => some(2..3), 1 => some(3..4)];
    let odd_crew = prop_oneof![11 => Just(false), 1 => Just(true)];
    (documents, faults, names(MOST), policies(), clock(), later(MOST), odd_crew, certificate()).prop_map(
        |(documents, faults, names, policies, clock, later, odd_crew, certificate)| {
            Drawn { documents, faults, names, policies, clock, later, odd_crew, certificate }.within()
        },
    )
}

impl Drawn {
    /// Maps every fault and change to an existing document, and leaves a good client the time for all of it: it tries
    /// again with pauses, so what it waits for is about few documents.
    pub(super) fn within(mut self) -> Self {
        if self.later_is(Change::StoreDown) {
            self.documents.truncate(MOST_WAITING);
        }
        let many = self.documents.len();
        for fault in self.faults.iter_mut().filter(|fault| fault.step != StepName::List && fault.what.is_retried()) {
            fault.document = fault.document.or_else(|| (many > MOST_WAITING).then_some(0));
        }
        // A client that resumes a file does so where ranges are honoured. Half of the files that break off are served so.
        if many % 2 == 1 && self.faults.iter().any(DrawnFault::breaks_off_a_file) {
            self.policies.insert("ranges".to_owned(), "honoured".to_owned());
        }
        let place = |about: Option<usize>| about.and_then(|place| place.checked_rem(many));
        self.faults.iter_mut().for_each(|fault| fault.document = place(fault.document));
        self.later.iter_mut().for_each(|later| later.document = place(later.document));
        self
    }

    /// Returns true if this change happens before the last run.
    pub(super) fn later_is(&self, what: Change) -> bool {
        self.later.as_ref().is_some_and(|later| later.what == what)
    }

    /// Returns true if a client may have to wait.
    pub(super) fn waits(&self) -> bool {
        self.faults.iter().any(|fault| fault.what.waits())
            || self.later_is(Change::StoreDown)
            || self.certificate.is_some()
    }

    /// Builds the scenario.
    pub(super) fn scenario(&self) -> Scenario {
        let ids: Vec<String> = self.documents.iter().zip(1..).map(|(document, number)| document.id(number)).collect();
        let rules = self.faults.iter().enumerate().flat_map(|(number, fault)| fault.rules(number, &ids)).collect();
        let action = self.later.as_ref().map(|later| later.action(&ids));
        let second = action.map(|action| RunPlan { before: action.into_iter().collect(), ..RunPlan::default() });
        Scenario {
            task: Task::default(),
            since: 1,
            id: "property/drawn".to_owned(),
            title: self.size().title(),
            provokes: self.is_applicable(),
            twin: None,
            only: false,
            off_contract: false,
            world: self.world(),
            crew_id: self.crew_id().to_owned(),
            not_in_fleet: None,
            is_adapted: false,
            key: "full".to_owned(),
            policies: self.policies.clone(),
            vary: BTreeMap::new(),
            faults: rules,
            clock: self.clock.clone(),
            base: crate::client::scenario::BaseForm::default(),
            certificate: self.certificate,
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

    /// Returns the crew member's id.
    fn crew_id(&self) -> &'static str {
        if self.odd_crew { ODD_CREW } else { "crew_001" }
    }

    /// Returns the size.
    pub(super) const fn size(&self) -> Size {
        Size { people: None, documents: self.documents.len(), faults: self.faults.len() }
    }

    fn world(&self) -> Value {
        let documents: Vec<Value> = self
            .documents
            .iter()
            .zip(&self.names)
            .zip(1..)
            .flat_map(|((document, name), number)| document.versions(number, name))
            .collect();
        let scopes = ["crew:documents:read", "crew:documents:download"];
        json!({
            "name": "drawn",
            "seed": 1,
            "partners": [{
                "id": "prt_1", "type": "customer", "plan": "management", "granted_scopes": scopes,
                "keys": [{"name": "full"}],
            }],
            "vessels": [{"id": "ves_1", "name": "M/Y Halcyon", "partners": ["prt_1"]}],
            "crew": [{
                "id": self.crew_id(), "vessels": ["ves_1"], "consent": {"prt_1": scopes}, "documents": documents,
            }],
        })
    }
}

/// Returns a number with a noun, such as "2 faults".
pub(super) fn count(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::super::choices::VALUES;
    use super::*;
    use crate::client::run::{fault_problem, keys_of_world};
    use crate::client::scenario::RightExit;

    fn thousand() -> Vec<Drawn> {
        let mut runner = TestRunner::deterministic();
        (0..1_000).map(|_| drawn().new_tree(&mut runner).unwrap().current()).collect()
    }

    #[test]
    fn drawn_scenarios_cover_everything() {
        let all = thousand();
        let share = |of: &dyn Fn(&Drawn) -> bool| all.iter().filter(|drawn| of(drawn)).count();
        assert!(share(&|drawn| drawn.documents.len() >= 5) >= 300);
        assert!(share(&|drawn| drawn.faults.len() >= 2) >= 200);
        let right = share(&|drawn| drawn.expected_exit() == RightExit::Saved);
        assert!((400..=600).contains(&right), "{right}");
        let kinds = all.iter().flat_map(|drawn| &drawn.faults).map(|fault| fault.what.kind());
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        kinds.for_each(|kind| *counts.entry(kind).or_default() += 1);
        assert_eq!(counts.len(), 14, "{counts:?}");
        assert!(counts.values().all(|count| *count >= 10), "{counts:?}");
        for (name, values) in VALUES {
            for value in values {
                let count = share(&|drawn| drawn.policies.get(name).is_some_and(|drawn| drawn == value));
                assert!(count >= 10, "{name}={value}: {count}");
            }
        }
    }

    #[test]
    fn every_drawn_scenario_can_be_played() {
        for drawn in thousand().into_iter().step_by(10) {
            let scenario = drawn.scenario();
            keys_of_world(&scenario.world.to_string(), "drawn", None).unwrap();
            for rule in scenario.faults {
                let rule = rule.to_string().replace("{foreign}", "{base}").replace("{canary}", "/canary");
                assert_eq!(fault_problem(&serde_json::from_str(&rule).unwrap()), None, "{rule}");
            }
        }
    }
}
