//! Checks of what may come at all: the wanted types, people with consent, people on the fleet.

use crate::client::judge::Verdict;
use crate::sender::seen::{Check, Seen, finding, unexercised};
use crate::sender::situation::Situation;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-HOOK-20", wanted_types),
    ("CPS-HOOK-21", |seen| nothing_about(seen, 0, "a person without consent to crew:documents:read")),
    ("CPS-HOOK-22", |seen| nothing_about(seen, 1, "a person off the fleet")),
];

fn wanted_types(seen: &Seen<'_>) -> Verdict {
    let Some(wanted) = &seen.events else { return unexercised() };
    let others = seen.attempts.iter().filter_map(|one| {
        let kind = one.json()["event_type"].as_str()?.to_owned();
        let is_wanted = wanted.contains(&kind);
        (!is_wanted).then(|| finding(one, format!("one of {}", wanted.join(", ")), format!("`{kind}`")))
    });
    let others: Vec<_> = others.collect();
    if others.is_empty() && !seen.caused.contains(&Situation::OtherType) {
        return unexercised();
    }
    Verdict::from_findings(others)
}

fn nothing_about(seen: &Seen<'_>, who: usize, what: &str) -> Verdict {
    let Some(id) = &seen.silent_about[who] else { return unexercised() };
    let documents_only = who == 0;
    let about = seen.attempts.iter().filter(|one| {
        let body = one.json();
        let is_document = body["event_type"].as_str().is_some_and(|kind| kind.starts_with("crew.document."));
        body["data"]["crew_unique_id"] == **id && (is_document || !documents_only)
    });
    Verdict::from_findings(about.map(|one| finding(one, format!("nothing about {what}"), "a delivery")).collect())
}
