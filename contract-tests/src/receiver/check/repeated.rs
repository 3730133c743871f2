//! Checks of deliveries that come twice, late, out of order, or all at once.

use super::steps::{finding, findings, has_effect, ready, require_controls, verdict};
use crate::client::judge::Verdict;
use crate::receiver::facts::{Answer, ScenarioFacts, Seen, Sent};
use crate::receiver::scenario::Scenario;

/// CPK-HOOK-06: an event that comes twice is handled once, and the second delivery is taken.
pub(super) fn twice(seen: &Seen) -> Verdict {
    let facts = match ready(seen, Scenario::Twice).and_then(|facts| require_controls(facts, "first").map(|()| facts)) {
        Ok(facts) => facts,
        Err(other) => return other,
    };
    let mut wrong = findings(facts, "again", stored_once);
    let first = facts.step("at-once").next();
    wrong.extend(first.and_then(|sent| Some(finding(sent, stored_once_at_last(sent)?))));
    wrong.extend(facts.step("again").last().into_iter().filter_map(|sent| {
        let wrong = !sent.answer.is_success() && !sent.answer.is_final();
        wrong.then(|| finding(sent, ("2xx for an event that was handled".to_owned(), sent.answer.text())))
    }));
    wrong.extend(findings(facts, "at-once", |sent| {
        let is_taken = sent.answer.is_success() || sent.answer.is_busy() || sent.answer.is_final();
        (!is_taken).then(|| ("2xx, or 408, 429 or 5xx while the first is handled".to_owned(), sent.answer.text()))
    }));
    if !wrong.is_empty() {
        return Verdict::Fail(wrong);
    }
    Verdict::Pass(final_note(facts.step("again").chain(facts.step("at-once"))))
}

fn stored_once(sent: &Sent) -> Option<(String, String)> {
    let copies = sent.at_end.copies;
    (copies > 1).then(|| ("each document stored once".to_owned(), format!("{copies} copies in OUT_DIR")))
}

/// Requires one copy of what two deliveries at once are about.
fn stored_once_at_last(sent: &Sent) -> Option<(String, String)> {
    let missing =
        || ("each document stored once".to_owned(), format!("{}, then {}", sent.answer.text(), sent.at_end.text()));
    stored_once(sent).or_else(|| (!sent.at_end.is_whole()).then(missing))
}

/// Returns a note about answers after which the sender gives an event up.
fn final_note<'a>(mut sent: impl Iterator<Item = &'a Sent>) -> Option<String> {
    let given_up = sent.find(|sent| sent.answer.is_final())?;
    Some(format!(
        "{} for a repeated event is final for the sender; 2xx says that it was handled",
        given_up.answer.text()
    ))
}

/// CPK-HOOK-11: an id is not claimed before the work is done.
pub(super) fn outage(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Outage).and_then(|facts| {
        require_controls(facts, "control")?;
        Ok(findings(facts, "during", |sent| match &sent.answer {
            answer if answer.is_success() => has_effect(sent)
                .map(|(_, observed)| ("the effect within 60 s after the outage, by itself".to_owned(), observed)),
            answer if answer.is_final() => {
                let expected = "2xx and the effect after the outage, or an answer after which it is sent again";
                Some((expected.to_owned(), format!("{}, by which the event is lost", answer.text())))
            }
            _ => facts.step("again").find_map(has_effect),
        }))
    });
    verdict(judged)
}

/// CPK-HOOK-12: after an older event, the current version is still there, and an old event about another person is
/// handled.
pub(super) fn order(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Order).and_then(|facts| {
        require_controls(facts, "newer")?;
        let mut wrong = findings(facts, "older", |sent| {
            let observed = || format!("answered {}, then {}", sent.answer.text(), sent.at_end.text());
            (!sent.at_end.is_whole()).then(|| ("the current version in OUT_DIR at the end".to_owned(), observed()))
        });
        wrong.extend(findings(facts, "other", has_effect));
        if wrong.is_empty() {
            require_controls(facts, "control")?;
        }
        Ok(wrong)
    });
    verdict(judged)
}

/// CPK-HOOK-14: of 50 deliveries at once none is lost.
pub(super) fn burst(seen: &Seen) -> Verdict {
    verdict(ready(seen, Scenario::Burst).map(|facts| {
        let mut wrong = findings(facts, "burst", |sent| {
            let is_taken = sent.answer.is_success() || sent.answer.is_busy();
            (!is_taken).then(|| ("2xx, 408, 429 or 5xx".to_owned(), sent.answer.text()))
        });
        if wrong.is_empty() {
            wrong = findings(facts, "burst", has_effect);
        }
        wrong
    }))
}

/// CPK-HOOK-19: an event that was taken before a kill is handled after the next start.
pub(super) fn killed(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Killed).map(|facts| findings(facts, "before", after_restart));
    match (verdict(judged), seen.of(Scenario::Killed).and_then(first_answer)) {
        (Verdict::Pass(_), Some(answer)) if !answer.is_success() => Verdict::Pass(Some(format!(
            "it answered {} before it was killed, so the event is sent again",
            answer.text()
        ))),
        (verdict, _) => verdict,
    }
}

fn first_answer(facts: &ScenarioFacts) -> Option<&Answer> {
    facts.step("before").next().map(|sent| &sent.answer)
}

fn after_restart(sent: &Sent) -> Option<(String, String)> {
    let lost = if sent.answer.is_success() { !sent.effect.is_whole() } else { !sent.answer.is_sent_again() };
    let observed = || format!("answered {} and killed; after the restart {}", sent.answer.text(), sent.effect.text());
    lost.then(|| ("the effect after the restart".to_owned(), observed()))
}
