//! A case before it is played: a scenario under one value of one varied policy, and what is judged in it.

use std::sync::Arc;

use crate::client::scenario::Scenario;
use crate::requirement::Catalogue;

/// A case to play.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedCase {
    /// The scenario, with the varied value among its policies.
    pub scenario: Arc<Scenario>,
    /// Which policy value is varied, as `dead_link=410`.
    pub variant: Option<String>,
    /// The obligations that are judged in it, by id, in the order of the catalogue.
    pub judged: Vec<String>,
    /// Nobody asked for it: it is played because it is the twin of a case that somebody asked for.
    pub control: bool,
}

impl PlannedCase {
    /// Returns the cases of a scenario: one for each value of each policy that it varies, or the scenario as it is.
    pub(super) fn all_of(scenario: &Scenario, catalogue: &Catalogue) -> Vec<Self> {
        let judged = judged_in(scenario, catalogue);
        let case = |scenario: Scenario, variant| Self {
            scenario: Arc::new(scenario),
            variant,
            judged: judged.clone(),
            control: false,
        };
        let varied = scenario.vary.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let mut cases: Vec<_> = varied
            .map(|(name, value)| {
                let mut with_value = scenario.clone();
                with_value.policies.insert(name.clone(), value.clone());
                case(with_value, Some(format!("{name}={value}")))
            })
            .collect();
        if cases.is_empty() {
            cases.push(case(scenario.clone(), None));
        }
        cases
    }

    /// Returns the name in reports: the scenario's id, with `[policy=value]` if a policy is varied.
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}[{variant}]", self.scenario.id),
            None => self.scenario.id.clone(),
        }
    }

    /// Returns true if the name is that of the case or of its scenario.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.scenario.id == name || self.name() == name
    }
}

/// Returns the obligations that are judged in a scenario.
fn judged_in(scenario: &Scenario, catalogue: &Catalogue) -> Vec<String> {
    let judged = catalogue.obligations().iter().filter(|known| scenario.judges(known));
    judged.map(|known| known.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_server_lies_only_what_is_named_is_judged() {
        let catalogue = Catalogue::built_in().unwrap();
        let read = |only| {
            let text = format!("title: t\nworld: three\nprovokes: [CPK-FILE-07]\nonly: {only}\n");
            judged_in(&crewpass_diagnostics::read_yaml("s.yaml", &text).unwrap(), &catalogue)
        };
        assert_eq!(read(true), ["CPK-FILE-07"]);
        let everywhere = ["CPK-AUTH-04", "CPK-AUTH-07", "CPK-FILE-07", "CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
        assert_eq!(read(false), everywhere);
    }
}
