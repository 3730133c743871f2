//! What a scenario refers to is there: obligations, a twin, a world with its key, policies, faults and durations.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crewpass_diagnostics::{Problem, did_you_mean, parse_duration};
use serde_json::Value;

use super::all::Scenarios;
use super::folder::Written;
use super::model::{Action, Clock, Need, Scenario, Terminate};
use crate::client::run::{PolicyProblem, WorldProblem, policy_names, policy_problem};
use crate::client::task::Task;
use crate::requirement::{Catalogue, CatalogueError};

/// The names of the keys of a world, or its problems.
type Keys = Result<Vec<String>, Vec<WorldProblem>>;

/// What a scenario may refer to.
pub(super) struct Known<'a> {
    catalogue: &'a Catalogue,
    scenarios: &'a Scenarios,
    /// The keys of the worlds that have names: many scenarios share one, and reading it takes a while.
    keys: RefCell<BTreeMap<&'a str, Rc<Keys>>>,
}

impl<'a> Known<'a> {
    pub(super) const fn new(catalogue: &'a Catalogue, scenarios: &'a Scenarios) -> Self {
        Self { catalogue, scenarios, keys: RefCell::new(BTreeMap::new()) }
    }

    fn keys_of(&self, scenario: &'a Scenario) -> Rc<Keys> {
        let read = || Rc::new(self.scenarios.keys_of(scenario));
        match &scenario.world {
            Value::String(name) => Rc::clone(self.keys.borrow_mut().entry(name).or_insert_with(read)),
            _ => read(),
        }
    }
}

/// Checks everything that a scenario refers to, and returns the problems.
pub(super) fn problems_of<'a>(scenario: &'a Scenario, written: &'a Written, known: &Known<'a>) -> Vec<Problem> {
    let mut check = Check { scenario, written, found: Vec::new() };
    check.obligations(known.catalogue);
    check.twin(known.scenarios);
    check.fleet(known.scenarios);
    check.world(known);
    check.policies();
    check.faults();
    check.durations();
    check.found
}

struct Check<'a> {
    scenario: &'a Scenario,
    written: &'a Written,
    found: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn wrong(&mut self, word: &str, message: String, help: Option<String>) {
        let problem = Problem::of_file(&self.written.file, message).at_word(&self.written.text, word);
        self.found.push(problem.help(help));
    }

    fn obligations(&mut self, catalogue: &Catalogue) {
        // A pinned catalogue does not judge what came later, and a scenario may name it all the same.
        let is_coming = |id: &String| catalogue.coming().iter().any(|known| known.id == *id);
        for id in self.scenario.provokes.iter().filter(|id| !is_coming(id)) {
            match catalogue.find(id) {
                Ok(known) if known.id == *id => {}
                Ok(known) => {
                    self.wrong(id, format!("`{id}` is written otherwise"), Some(format!("write {}", known.id)));
                }
                Err(CatalogueError::Unknown { guess, .. }) => {
                    let help = guess.or_else(|| Some("`crewpass-contract list` shows all of them".to_owned()));
                    self.wrong(id, format!("there is no obligation `{id}`"), help);
                }
                Err(other) => self.wrong(id, other.to_string(), None),
            }
        }
        if self.scenario.only && self.scenario.provokes.is_empty() {
            let help = Some("name the obligations in `provokes`, or leave out `only`".to_owned());
            self.wrong("only", "nothing is judged here: `only` is true and `provokes` is empty".to_owned(), help);
        }
    }

    fn twin(&mut self, scenarios: &Scenarios) {
        let Some(twin) = &self.scenario.twin else { return };
        if *twin == self.scenario.id {
            let help = Some("name the scenario with the friendly value".to_owned());
            self.wrong(twin, "a scenario can't be its own twin".to_owned(), help);
        } else if scenarios.get(twin).is_none() {
            let guess = did_you_mean(twin, scenarios.iter().map(|other| other.id.as_str()));
            let help = guess.or_else(|| Some("write the path of its file below the folder of scenarios".to_owned()));
            self.wrong(twin, format!("there is no scenario `{twin}`"), help);
        }
    }

    /// Checks that what is left out of the task `fleet` is about one person, and so is each scenario whose twin is left
    /// out.
    fn fleet(&mut self, scenarios: &Scenarios) {
        let scenario = self.scenario;
        if scenario.not_in_fleet.is_some() {
            if scenario.task == Task::Fleet {
                let help = Some("leave out `not_in_fleet`, or `task`".to_owned());
                self.wrong("not_in_fleet", "it is written for the task `fleet`".to_owned(), help);
            }
            return;
        }
        let twin = scenario.twin.as_ref().filter(|_| scenario.task == Task::Documents);
        if let Some(twin) = twin.filter(|twin| scenarios.get(twin).is_some_and(|twin| twin.not_in_fleet.is_some())) {
            let help = Some("say in `not_in_fleet` why this one is not played there either".to_owned());
            self.wrong(twin, format!("its twin `{twin}` is not played in the task `fleet`"), help);
        }
    }

    fn world(&mut self, known: &Known<'a>) {
        let scenarios = known.scenarios;
        if let Value::String(name) = &self.scenario.world
            && !scenarios.world_names().any(|known| known == name)
        {
            let names: Vec<_> = scenarios.world_names().collect();
            let guess = did_you_mean(name, names.iter().copied());
            let help = guess.unwrap_or_else(|| format!("the worlds are {}", names.join(", ")));
            return self.wrong(name, format!("there is no world `{name}`"), Some(help));
        }
        match &*known.keys_of(self.scenario) {
            Ok(names) => {
                let key = &self.scenario.key;
                if !names.contains(key) {
                    let guess = did_you_mean(key, names.iter().map(String::as_str));
                    let help = guess.unwrap_or_else(|| format!("its keys are {}", names.join(", ")));
                    self.wrong(key, format!("the world has no key `{key}`"), Some(help));
                }
            }
            Err(problems) => {
                for problem in problems {
                    self.wrong("world", format!("the world is wrong: {}", problem.message), problem.help.clone());
                }
            }
        }
    }

    fn policies(&mut self) {
        let scenario = self.scenario;
        let varied = scenario.vary.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let changed = scenario.runs.iter().flat_map(|run| &run.before).filter_map(|action| match action {
            Action::Policy { name, value } => Some((name, value)),
            _ => None,
        });
        for (name, value) in scenario.policies.iter().chain(varied).chain(changed) {
            match policy_problem(name, value) {
                None => {}
                Some(PolicyProblem::Value { choices }) => {
                    self.wrong(
                        value,
                        format!("policy `{name}` can't be `{value}`"),
                        Some(format!("it can be {choices}")),
                    );
                }
                Some(PolicyProblem::Name) => {
                    let guess = did_you_mean(name, policy_names().iter().copied());
                    let help = guess.unwrap_or_else(|| format!("the policies are {}", policy_names().join(", ")));
                    self.wrong(name, format!("there is no policy `{name}`"), Some(help));
                }
            }
        }
        for (name, _) in scenario.vary.iter().filter(|(_, values)| values.is_empty()) {
            let help = Some("list its values, or leave it out".to_owned());
            self.wrong(name, format!("policy `{name}` is varied without a value"), help);
        }
    }

    /// Checks that each fault that something waits for has a rule of that name.
    fn faults(&mut self) {
        let scenario = self.scenario;
        let later = scenario.runs.iter().flat_map(|run| &run.before).filter_map(|action| match action {
            Action::Faults(rules) => Some(rules),
            _ => None,
        });
        let rules = scenario.faults.iter().chain(later.flatten());
        let names: Vec<&str> = rules.filter_map(|rule| rule.get("name")?.as_str()).collect();
        let met = scenario.met.iter().filter_map(|need| match need {
            Need::Fault(name) => Some(name),
            _ => None,
        });
        let ended = scenario.runs.iter().filter_map(|run| run.terminate.as_ref().map(|Terminate::Fault(name)| name));
        for name in met.chain(ended).filter(|name| !names.contains(&name.as_str())) {
            let guess = did_you_mean(name, names.iter().copied());
            let help = guess.or_else(|| Some("give a rule of `faults` this name".to_owned()));
            self.wrong(name, format!("no fault rule is called `{name}`"), help);
        }
    }

    fn durations(&mut self) {
        let scenario = self.scenario;
        let clock = match &scenario.clock {
            Clock::Real => None,
            Clock::Behind(by) | Clock::Ahead(by) => Some(by),
        };
        let moved = scenario.runs.iter().flat_map(|run| &run.before).filter_map(|action| match action {
            Action::Advance(by) => Some(by),
            _ => None,
        });
        for text in clock.into_iter().chain(&scenario.deadline).chain(&scenario.client_deadline).chain(moved) {
            if parse_duration(text).is_err() {
                let help = Some("write a number with its unit, such as 90s, 16m or 1h30m".to_owned());
                self.wrong(text, format!("`{text}` is not a duration"), help);
            }
        }
    }
}
