//! Checks of deliveries that a receiver must accept.

use super::steps::{findings, has_effect, ready, require_controls, verdict};
use crate::client::judge::{Finding, Verdict};
use crate::receiver::facts::{Answer, Seen};
use crate::receiver::scenario::Scenario;

/// CPK-HOOK-01: a valid delivery is answered with 2xx, and has its effect.
pub(super) fn valid(seen: &Seen) -> Verdict {
    let facts = match ready(seen, Scenario::Valid) {
        Ok(facts) => facts,
        Err(other) => return other,
    };
    let wrong = findings(facts, "valid", |sent| {
        (!sent.answer.is_success()).then(|| ("2xx within 10 s".to_owned(), sent.answer.text()))
    });
    if !wrong.is_empty() {
        return Verdict::Fail(wrong);
    }
    if seen.saves_nothing() {
        return Verdict::NotObservable("the receiver answered 2xx and saved nothing in OUT_DIR".to_owned());
    }
    Verdict::from_findings(findings(facts, "valid", has_effect))
}

/// CPK-HOOK-07: JSON in unusual forms has its effect.
pub(super) fn json_forms(seen: &Seen) -> Verdict {
    with_effect(seen, Scenario::JsonForms, "form")
}

/// CPK-HOOK-08: a body with 64 KiB of unknown fields has its effect.
pub(super) fn large(seen: &Seen) -> Verdict {
    with_effect(seen, Scenario::Large, "large")
}

/// CPK-HOOK-18: other forms of a request have their effect.
pub(super) fn forms(seen: &Seen) -> Verdict {
    with_effect(seen, Scenario::Connection, "form")
}

/// CPK-HOOK-22: a delivery in chunks has its effect.
pub(super) fn chunked(seen: &Seen) -> Verdict {
    with_effect(seen, Scenario::Connection, "chunked")
}

fn with_effect(seen: &Seen, scenario: Scenario, step: &'static str) -> Verdict {
    verdict(ready(seen, scenario).map(|facts| findings(facts, step, has_effect)))
}

/// CPK-HOOK-20: a body with 1 MiB of unknown fields has its effect, or is answered with 413.
pub(super) fn huge(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Large).map(|facts| {
        findings(facts, "huge", |sent| {
            let wrong = has_effect(sent).filter(|_| sent.answer != Answer::Status(413));
            wrong.map(|(_, observed)| ("the effect, or 413".to_owned(), observed))
        })
    });
    verdict(judged)
}

/// CPK-HOOK-10: an unknown event type is answered with 2xx, and unknown fields are ignored.
pub(super) fn unknown(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Unknown).map(|facts| {
        let mut wrong = findings(facts, "type", |sent| {
            let expected = "2xx: a type that is new is not sent again";
            (!sent.answer.is_success()).then(|| (expected.to_owned(), sent.answer.text()))
        });
        wrong.extend(findings(facts, "fields", has_effect));
        wrong
    });
    verdict(judged)
}

/// CPK-HOOK-21: schema version 2 crashes nothing.
pub(super) fn version(seen: &Seen) -> Verdict {
    let judged = ready(seen, Scenario::Unknown).and_then(|facts| {
        // A receiver that was gone before shows nothing about the version.
        require_controls(facts, "fields")?;
        let crashed = |sent: &crate::receiver::facts::Sent| {
            has_effect(sent).map(|(_, observed)| ("the receiver goes on after schema version 2".to_owned(), observed))
        };
        Ok::<Vec<Finding>, Verdict>(findings(facts, "control", crashed))
    });
    verdict(judged)
}
