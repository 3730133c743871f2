//! What checks have in common: the facts of a scenario whose receiver was ready, and findings about its steps.

use crate::client::judge::{Finding, Verdict};
use crate::receiver::facts::{ScenarioFacts, Seen, Sent, Start};
use crate::receiver::scenario::Scenario;

/// What is wrong with a request: expected and observed.
pub(super) type Wrong = Option<(String, String)>;

/// Returns the facts of a scenario, or why there are none.
pub(super) fn ready(seen: &Seen, scenario: Scenario) -> Result<&ScenarioFacts, Verdict> {
    let unexercised = |why: &str| Err(Verdict::NotExercised(why.to_owned()));
    match seen.of(scenario) {
        None => unexercised("its scenario was not played"),
        Some(facts) => match facts.start {
            Start::Ready => Ok(facts),
            Start::Ended => unexercised("the receiver ended before it accepted a connection"),
            Start::Silent => unexercised("the receiver accepted no connection on 127.0.0.1:PORT within 30 s"),
        },
    }
}

/// Returns the findings about the requests of a step.
pub(super) fn findings(facts: &ScenarioFacts, step: &'static str, wrong: impl Fn(&Sent) -> Wrong) -> Vec<Finding> {
    facts.step(step).filter_map(|sent| Some(finding(sent, wrong(sent)?))).collect()
}

/// Creates a finding about a request.
pub(super) fn finding(sent: &Sent, (expected, observed): (String, String)) -> Finding {
    let observed = format!("{}: {observed}", sent.what);
    Finding { expected, observed, exchange: Some(sent.seq), ..Finding::default() }
}

/// Requires that a valid delivery had its effect in time.
pub(super) fn has_effect(sent: &Sent) -> Wrong {
    let expected = "every current document of the person in OUT_DIR within the time limit";
    let observed = || format!("answered {}, then {}", sent.answer.text(), sent.effect.text());
    (!sent.effect.is_whole()).then(|| (expected.to_owned(), observed()))
}

/// Requires that a delivery had no effect until the end.
pub(super) fn has_no_effect(sent: &Sent) -> Wrong {
    let observed = || format!("answered {}, then {}", sent.answer.text(), sent.at_end.text());
    (sent.at_end.found > 0).then(|| ("no document in OUT_DIR".to_owned(), observed()))
}

/// Returns `NotExercised` unless each control had its effect: without it, no effect proves nothing.
pub(super) fn require_controls(facts: &ScenarioFacts, step: &'static str) -> Result<(), Verdict> {
    match facts.step(step).find(|sent| !sent.effect.is_whole()) {
        Some(sent) => {
            let observed = format!("{} had no effect: answered {}", sent.what, sent.answer.text());
            Err(Verdict::NotExercised(format!("{observed}, so a refusal before it proves nothing")))
        }
        None => Ok(()),
    }
}

/// Turns findings into a verdict, or the reason why there are none.
pub(super) fn verdict(judged: Result<Vec<Finding>, Verdict>) -> Verdict {
    judged.map_or_else(|other| other, Verdict::from_findings)
}
