//! Checks of access: keys, plans, scopes, fleet and consent. `rule` decides the expected answer; a
//! clause selects its questions.

use crate::client::judge::Verdict;
use crate::server::probe::NOBODY;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::rule::{Rule, scope_of};
use crate::server::seen::{Check, Seen, Wrong, each, finding, is_asked, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-AUTH-01", |seen| refused(seen, Rule::NoKey)),
    ("CPS-AUTH-02", |seen| refused(seen, Rule::UnknownKey)),
    ("CPS-AUTH-03", |seen| refused(seen, Rule::Revoked)),
    ("CPS-AUTH-04", challenge),
    ("CPS-AUTH-05", |seen| accepted(seen, &Credential::Header)),
    ("CPS-AUTH-06", |seen| accepted(seen, &Credential::LowerCase)),
    ("CPS-AUTH-07", |seen| refused(seen, Rule::Mode)),
    ("CPS-AUTH-08", |seen| refused(seen, Rule::Plan)),
    ("CPS-AUTH-09", |seen| refused(seen, Rule::Scheme)),
    ("CPS-SCOPE-01", |seen| refused_at(seen, Rule::Granted, Step::List)),
    ("CPS-SCOPE-02", |seen| refused_at(seen, Rule::Granted, Step::Link)),
    ("CPS-SCOPE-03", one_scope),
    ("CPS-SCOPE-04", other_scope),
    ("CPS-FLEET-01", |seen| fleet(seen, false)),
    ("CPS-FLEET-02", alike),
    ("CPS-FLEET-03", |seen| fleet(seen, true)),
    ("CPS-FLEET-04", another),
    ("CPS-CONSENT-01", |seen| refused_at(seen, Rule::Consented, Step::List)),
    ("CPS-CONSENT-02", |seen| refused_at(seen, Rule::Consented, Step::Link)),
];

/// Returns what is wrong with an answer that a rule must refuse.
pub(super) fn wrong(answer: &Answer, rule: Rule) -> Option<Wrong> {
    let (status, code) = rule.answer();
    let scope = scope_of(answer.question.step);
    let scoped = matches!(rule, Rule::Granted | Rule::Consented);
    let right = answer.status == status
        && answer.code().as_deref() == Some(code)
        && (!scoped || answer.json()["error"]["scope"] == scope);
    let with = if scoped { format!(", scope {scope}") } else { String::new() };
    (!right).then(|| (format!("{status} `{code}`{with} for {}", answer.question.by.description()), answer.summary()))
}

fn refused(seen: &Seen<'_>, rule: Rule) -> Verdict {
    each(seen.refused_by(rule), |answer| wrong(answer, rule))
}

/// Checks the answers of a step that one rule alone refuses.
pub(super) fn refused_at(seen: &Seen<'_>, rule: Rule, step: Step) -> Verdict {
    each(seen.refused_at(step, rule), |answer| wrong(answer, rule))
}

fn challenge(seen: &Seen<'_>) -> Verdict {
    each(seen.answers.iter().filter(|one| one.status == 401), |answer| {
        let none = answer.header("www-authenticate").is_none();
        none.then(|| ("WWW-Authenticate".to_owned(), "a 401 without it".to_owned()))
    })
}

fn accepted(seen: &Seen<'_>, by: &Credential) -> Verdict {
    let asked = seen.at(Step::List, Phase::Baseline).filter(|one| one.question.by == *by && seen.due(one).is_fine());
    each(asked, |answer| (answer.status != 200).then(|| ("200".to_owned(), answer.summary())))
}

/// Returns the answers for keys that lack the scope of the other step.
fn of_partial_keys<'a>(seen: &'a Seen<'_>, step: Step) -> impl Iterator<Item = &'a Answer> {
    let other = scope_of(if step == Step::List { Step::Link } else { Step::List });
    let lacks = move |name: &String| {
        let granted = seen.expect.keys.get(name).and_then(|key| key.granted.as_ref());
        granted.is_some_and(|scopes| !scopes.iter().any(|scope| scope == other))
    };
    let partial =
        move |one: &&Answer| matches!(&one.question.by, Credential::Key(name) if name != "full" && lacks(name));
    seen.at(step, Phase::Baseline).filter(partial).filter(|one| seen.due(one).is_fine())
}

fn one_scope(seen: &Seen<'_>) -> Verdict {
    each(of_partial_keys(seen, Step::List), |answer| {
        (answer.status != 200).then(|| ("200 with crew:documents:read alone".to_owned(), answer.summary()))
    })
}

fn other_scope(seen: &Seen<'_>) -> Verdict {
    observed(of_partial_keys(seen, Step::Link).map(|answer| {
        let status = answer.status;
        format!("a link is answered with {status} where crew:documents:download alone is granted")
    }))
}

fn off_fleet<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    seen.refused_by(Rule::Fleet).filter(|one| one.question.by == Credential::full())
}

fn fleet(seen: &Seen<'_>, unknown: bool) -> Verdict {
    let asked = off_fleet(seen).filter(|one| (one.question.crew == NOBODY) == unknown);
    each(asked, |answer| wrong(answer, Rule::Fleet))
}

/// Returns the comparable part of an answer. Proxies and clocks change header values, but header
/// names must not depend on the person.
pub(super) fn face(answer: &Answer) -> (u16, &[u8], Vec<&str>, Option<&str>) {
    let mut names: Vec<_> = answer.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    (answer.status, &answer.body, names, answer.header("content-type"))
}

fn alike(seen: &Seen<'_>) -> Verdict {
    let (mut compared, mut findings) = (false, Vec::new());
    for step in [Step::List, Step::Link] {
        let answers: Vec<_> = off_fleet(seen).filter(|one| one.question.step == step).collect();
        let Some((unknown, others)) = answers.split_last() else { continue };
        for other in others {
            compared = true;
            if face(other) != face(unknown) {
                let expected = format!("the same answer as for an id that does not exist: {}", unknown.summary());
                findings.push(finding(
                    other,
                    expected,
                    format!("{}: {}", other.question.crew, difference(other, unknown)),
                ));
            }
        }
    }
    if compared { Verdict::from_findings(findings) } else { unexercised() }
}

pub(super) fn difference(one: &Answer, other: &Answer) -> String {
    let ((_, _, names, kind), (_, _, wanted, wanted_kind)) = (face(one), face(other));
    if one.status != other.status || one.body != other.body {
        return one.summary();
    }
    format!(
        "other headers: {} ({}) instead of {} ({})",
        names.join(" "),
        kind.unwrap_or_default(),
        wanted.join(" "),
        wanted_kind.unwrap_or_default()
    )
}

fn another(seen: &Seen<'_>) -> Verdict {
    let by_another = |one: &&Answer| match &one.question.by {
        Credential::Key(name) => seen.expect.keys.get(name).is_some_and(|key| {
            key.partner.is_some() && key.valid.is_none() && key.plan.is_none() && key.mode.is_none()
        }),
        _ => false,
    };
    let mine_alone = |one: &&Answer| {
        let person = seen.expect.crew.get(&one.question.crew);
        person.is_some_and(|person| person.fleet && person.fleet_of.is_none())
    };
    let asked = seen.answers.iter().filter(|one| is_asked(one.question.step) && one.question.phase == Phase::Baseline);
    each(asked.filter(by_another).filter(mine_alone), |answer| wrong(answer, Rule::Fleet))
}
