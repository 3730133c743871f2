//! Checks of deliveries that a receiver must refuse, and of the secret.

use super::steps::{finding, findings, has_effect, has_no_effect, ready, require_controls, verdict};
use crate::client::judge::{Finding, Verdict};
use crate::receiver::facts::{Answer, ScenarioFacts, Seen, Sent, Start};
use crate::receiver::scenario::Scenario;

/// CPK-HOOK-02: a wrong signature or timestamp has no effect, and the next valid delivery is handled.
pub(super) fn signatures(seen: &Seen) -> Verdict {
    verdict(ready(seen, Scenario::Signatures).map(refused_and_goes_on))
}

/// CPK-HOOK-13: a request that is not a delivery has no effect, and the next valid delivery is handled.
pub(super) fn not_deliveries(seen: &Seen) -> Verdict {
    verdict(ready(seen, Scenario::NotDeliveries).map(refused_and_goes_on))
}

fn refused_and_goes_on(facts: &ScenarioFacts) -> Vec<Finding> {
    let mut wrong = findings(facts, "wrong", has_no_effect);
    for pair in facts.sent.windows(2) {
        if let [before, control @ Sent { step: "control", .. }] = pair {
            wrong.extend(has_effect(control).map(|(_, observed)| {
                let expected = format!("the effect of the valid delivery after {}", before.what);
                finding(control, (expected, observed))
            }));
        }
    }
    wrong
}

/// CPK-HOOK-03: no 5xx for a wrong signature. A 2xx before a worker verifies is a note.
pub(super) fn without_5xx(seen: &Seen) -> Verdict {
    let facts = match ready(seen, Scenario::Signatures) {
        Ok(facts) => facts,
        Err(other) => return other,
    };
    let wrong = findings(facts, "wrong", |sent| {
        let is_failure = matches!(sent.answer, Answer::Status(500..=599) | Answer::Late | Answer::Failed(_));
        is_failure.then(|| ("a 4xx: after a 5xx or no answer it is sent eight times".to_owned(), sent.answer.text()))
    });
    if !wrong.is_empty() {
        return Verdict::Fail(wrong);
    }
    let note =
        "2xx for a wrong signature: right if a worker verifies it later; 401 tells the sender of a mistake at once";
    let early = facts.step("wrong").any(|sent| sent.answer.is_success());
    Verdict::Pass(early.then(|| note.to_owned()))
}

/// CPK-HOOK-04: a value that was changed after signing has no effect.
pub(super) fn changed_value(seen: &Seen) -> Verdict {
    without_effect(seen, Scenario::ChangedValue)
}

/// CPK-HOOK-05: blanks that were changed after signing have no effect.
pub(super) fn changed_blanks(seen: &Seen) -> Verdict {
    without_effect(seen, Scenario::ChangedBlanks)
}

/// Judges the wrong deliveries of a scenario. A finding counts whatever became of the controls.
fn without_effect(seen: &Seen, scenario: Scenario) -> Verdict {
    let judged = ready(seen, scenario).and_then(|facts| {
        let wrong = findings(facts, "wrong", has_no_effect);
        if wrong.is_empty() {
            require_controls(facts, "captured")?;
            require_controls(facts, "control")?;
        }
        Ok(wrong)
    });
    verdict(judged)
}

/// CPK-HOOK-09: an old timestamp has no effect; a minute to either side has.
pub(super) fn stale(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Ages).and_then(|facts| {
        let mut wrong = findings(facts, "near", has_effect);
        wrong.extend(findings(facts, "wrong", has_no_effect));
        if wrong.is_empty() {
            require_controls(facts, "control")?;
        }
        Ok(wrong)
    });
    verdict(judged)
}

/// CPK-HOOK-15: the secret is nowhere, and the right signature of a wrong delivery in no answer.
pub(super) fn leaks(seen: &Seen) -> Verdict {
    let was_asked = seen.scenarios.iter().any(|facts| !facts.sent.is_empty());
    let leaks = seen.scenarios.iter().flat_map(|facts| &facts.leaks);
    let wrong: Vec<_> = leaks
        .map(|leak| Finding {
            expected: "the secret in no output, file and answer, and the right signature in no answer".to_owned(),
            observed: leak.clone(),
            ..Finding::default()
        })
        .collect();
    match (wrong.is_empty(), was_asked) {
        (true, false) => Verdict::NotExercised("nothing was delivered".to_owned()),
        _ => Verdict::from_findings(wrong),
    }
}

/// CPK-HOOK-16: headers that are not signed cause no second file and no effect.
pub(super) fn headers(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Headers).and_then(|facts| {
        let mut wrong = findings(facts, "other-id", |sent| {
            let copies = sent.at_end.copies;
            (copies > 1).then(|| ("each document stored once".to_owned(), format!("{copies} copies in OUT_DIR")))
        });
        wrong.extend(findings(facts, "wrong", has_no_effect));
        if wrong.is_empty() {
            require_controls(facts, "captured")?;
            require_controls(facts, "control")?;
        }
        Ok(wrong)
    });
    verdict(judged)
}

/// CPK-HOOK-17: without a secret the receiver does not start, or has no effect.
pub(super) fn empty_key(seen: &Seen) -> Verdict {
    let mut wrong = Vec::new();
    for scenario in [Scenario::SecretUnset, Scenario::SecretEmpty] {
        let Some(facts) = seen.of(scenario) else {
            return Verdict::NotExercised("its scenario was not played".to_owned());
        };
        if facts.start == Start::Ready {
            let accepted = findings(facts, "wrong", has_no_effect);
            let expected = "the receiver ends, or the delivery has no effect";
            wrong.extend(accepted.into_iter().map(|found| Finding { expected: expected.to_owned(), ..found }));
        }
    }
    let ready = |facts: &ScenarioFacts| facts.scenario.has_secret() && facts.start == Start::Ready;
    match (wrong.is_empty(), seen.scenarios.iter().any(ready)) {
        // A command that never starts proves nothing by that.
        (true, false) => Verdict::NotExercised("the receiver did not start with a secret either".to_owned()),
        (true, true) => Verdict::Pass(None),
        (false, _) => Verdict::Fail(wrong),
    }
}
