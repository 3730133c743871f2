//! Checks of the order of rules: a question that two rules refuse shows which one comes first. Also
//! missing documents.

use super::access::wrong;
use crate::client::judge::Verdict;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, each, observed};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-ORDER-01", |seen| first(seen, Rule::UnknownKey, Rule::Fleet)),
    ("CPS-ORDER-02", |seen| first(seen, Rule::Granted, Rule::Fleet)),
    ("CPS-ORDER-03", |seen| first(seen, Rule::Granted, Rule::Consented)),
    ("CPS-ORDER-04", |seen| {
        which(seen, Rule::Plan, Rule::Fleet, "a partner without the API, for a crew member off the fleet")
    }),
    ("CPS-ORDER-05", |seen| which(seen, Rule::Consented, Rule::Document, "an unknown document without consent")),
    ("CPS-DOC-01", unknown),
    ("CPS-DOC-02", superseded),
    ("CPS-DOC-03", foreign),
];

fn pairs<'a>(seen: &'a Seen<'_>, first: Rule, second: Rule) -> impl Iterator<Item = &'a Answer> {
    let asked = seen.at(Step::List, Phase::Baseline).chain(seen.at(Step::Link, Phase::Baseline));
    asked.filter(move |one| seen.due(one).refused_by.starts_with(&[first, second]))
}

fn first(seen: &Seen<'_>, rule: Rule, second: Rule) -> Verdict {
    each(pairs(seen, rule, second), |answer| wrong(answer, rule))
}

fn which(seen: &Seen<'_>, one: Rule, other: Rule, what: &str) -> Verdict {
    observed(pairs(seen, one, other).map(|answer| {
        let code = answer.code().map(|code| format!(" `{code}`")).unwrap_or_default();
        format!("{what}: {}{code}", answer.status)
    }))
}

/// Returns the link answers for missing documents with the key `full`.
fn absent<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    seen.refused_by(Rule::Document).filter(|one| one.question.by == Credential::full())
}

fn is_old(seen: &Seen<'_>, answer: &Answer) -> bool {
    let person = seen.expect.crew.get(&answer.question.crew);
    person.is_some_and(|person| person.superseded.contains(&answer.question.document))
}

/// Returns true if the document belongs to another crew member.
fn is_foreign(seen: &Seen<'_>, answer: &Answer) -> bool {
    let others = seen.expect.crew.keys().filter(|id| **id != answer.question.crew);
    others.into_iter().any(|id| seen.expect.document(id, &answer.question.document).is_some())
}

fn unknown(seen: &Seen<'_>) -> Verdict {
    let asked = absent(seen).filter(|one| !is_old(seen, one) && !is_foreign(seen, one));
    each(asked, |answer| wrong(answer, Rule::Document))
}

fn superseded(seen: &Seen<'_>) -> Verdict {
    observed(
        absent(seen)
            .filter(|one| is_old(seen, one))
            .map(|answer| format!("this server answers the id of a superseded version with {}", answer.status)),
    )
}

fn foreign(seen: &Seen<'_>) -> Verdict {
    each(absent(seen).filter(|one| is_foreign(seen, one)), |answer| wrong(answer, Rule::Document))
}
