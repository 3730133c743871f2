//! Which scenarios have a client wait, and for how long: many of those are played beside the few that keep it busy.

use serde_json::Value;

use super::model::{Action, Certificate, Scenario};

/// What of a fault a client waits for, or tries again after.
const WAITS: [&str; 7] = ["status", "reset", "close", "stall", "cut", "drip", "latency"];

/// What of a fault lasts as long as a client bears it.
const SILENCE: [&str; 2] = ["stall", "drip"];

impl Scenario {
    /// Returns true if a client may spend most of its time in waiting: for an answer, or for another try. A scenario
    /// that sets a limit has a reason for it.
    pub fn may_wait(&self) -> bool {
        let later = || self.runs.iter().flat_map(|run| &run.before);
        let rules = later().filter_map(|action| match action {
            Action::Faults(rules) => Some(rules),
            _ => None,
        });
        self.deadline.is_some()
            || self.client_deadline.is_some()
            || self.certificate.is_some_and(|certificate| certificate != Certificate::Good)
            || later().any(|action| matches!(action, Action::Store { up: false }))
            || self.faults.iter().chain(rules.flatten()).any(|rule| does_any(rule, &WAITS))
    }

    /// Returns its rank among those in which a client waits: what takes longest comes first, so that nothing is left
    /// for the end.
    pub(crate) fn urgency(&self) -> u8 {
        let silent = self.faults.iter().any(|rule| does_any(rule, &SILENCE));
        match (silent, self.deadline.is_some()) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        }
    }
}

fn does_any(rule: &Value, effects: &[&str]) -> bool {
    effects.iter().any(|effect| rule.get("then").is_some_and(|then| then.get(effect).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(rest: &str) -> Scenario {
        crewpass_diagnostics::read_yaml("s.yaml", &format!("title: t\nworld: three\n{rest}")).unwrap()
    }

    #[test]
    fn a_refusal_and_silence_are_waited_for_and_a_redirect_is_not() {
        for rest in [
            "faults: [{then: {status: 503}}]",
            "client_deadline: 5s",
            "certificate: wrong_host",
            "runs: [{before: [{store: {up: false}}]}]",
            "runs: [{before: [{faults: [{then: {reset: true}}]}]}]",
        ] {
            assert!(scenario(rest).may_wait(), "{rest}");
        }
        for rest in ["", "faults: [{then: {redirect: {to: self}}}]", "certificate: good"] {
            assert!(!scenario(rest).may_wait(), "{rest}");
        }
    }

    #[test]
    fn silence_comes_first() {
        let silent = scenario("faults: [{then: {drip: {bytes: 1, every: 1s}}}]").urgency();
        assert!(silent < scenario("deadline: 60s").urgency());
        assert!(scenario("deadline: 60s").urgency() < scenario("").urgency());
    }
}
