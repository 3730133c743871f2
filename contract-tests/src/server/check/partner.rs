//! Checks of the partner and its vessels, and of the keys at every endpoint beside the documents.

use serde_json::Value;

use super::access::{refused_at, wrong};
use super::values::{Form, differences, field_names, is_by_another, is_refused_by, misshapen, status_and_code};
use crate::client::judge::Verdict;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, each, finding, is_asked, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-AUTH-10", |seen| at_every_endpoint(seen, &[Rule::NoKey, Rule::UnknownKey])),
    ("CPS-AUTH-11", |seen| at_every_endpoint(seen, &[Rule::Revoked, Rule::Mode, Rule::Plan])),
    ("CPS-ME-01", shape),
    ("CPS-ME-02", values),
    ("CPS-ME-03", no_scope),
    ("CPS-ME-04", without_plan),
    ("CPS-VESSEL-01", vessels),
    ("CPS-VESSEL-02", |seen| refused_at(seen, Rule::Granted, Step::Vessels)),
    ("CPS-VESSEL-03", foreign_vessels),
    ("CPS-VESSEL-04", vessel_fields),
];

/// The fields of a partner that are always there.
const ALWAYS: [&str; 3] = ["partner_id", "partner_type", "mode"];
const FORMS: &[(&str, Form)] = &[
    ("partner_id", Form::Text),
    ("display_name", Form::MaybeText),
    ("status", Form::Text),
    ("subscription_plan", Form::MaybeText),
    ("granted_scopes", Form::Texts),
];

/// Checks the refusals of keys at the endpoints beside list and link, which have their clauses.
fn at_every_endpoint(seen: &Seen<'_>, rules: &[Rule]) -> Verdict {
    let others = seen.answers.iter().filter(|one| {
        one.question.phase == Phase::Baseline && one.question.step.operation().is_some() && !is_asked(one.question.step)
    });
    // A partner may see itself without a plan.
    let is_open = |one: &Answer| one.question.step == Step::Me && seen.due(one).only(Rule::Plan);
    let refused = others.filter(|one| is_refused_by(seen, one, rules) && !is_open(one));
    each(refused, |answer| wrong(answer, *seen.due(answer).refused_by.first()?))
}

fn shape(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in seen.fine(Step::Me) {
        any = true;
        let body = answer.json();
        if answer.status != 200 || ALWAYS.iter().any(|field| body.get(field).is_none()) {
            let expected = "200 with `partner_id`, `partner_type` and `mode`";
            findings.push(finding(answer, expected, answer.summary()));
            continue;
        }
        for (field, values) in [("partner_type", ["customer", "external"]), ("mode", ["live", "test"])] {
            if !values.iter().any(|value| body[field] == *value) {
                findings.push(finding(
                    answer,
                    format!("`{field}` is {}", values.join(" or ")),
                    body[field].to_string(),
                ));
            }
        }
        let misshapen = misshapen(&body, FORMS).into_iter();
        findings.extend(misshapen.map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn values(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    let answers = seen.at(Step::Me, Phase::Baseline).filter(|one| one.status == 200);
    for answer in answers {
        let Credential::Key(name) = &answer.question.by else { continue };
        let body = answer.json();
        let known = seen.expect.me.as_ref().filter(|_| name == "full");
        let mut wrong = known.map(|me| differences(me, &body, "the partner")).unwrap_or_default();
        any |= known.is_some();
        let granted = seen.expect.keys.get(name).and_then(|key| key.granted.as_ref());
        if let (Some(granted), Some(found)) = (granted, body["granted_scopes"].as_array()) {
            any = true;
            let is_same =
                found.len() == granted.len() && granted.iter().all(|scope| found.iter().any(|one| one == scope));
            if !is_same {
                let expected = format!("`granted_scopes` of key {name}: {}", granted.join(", "));
                wrong.push((expected, body["granted_scopes"].to_string()));
            }
        }
        findings.extend(wrong.into_iter().map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

/// Returns the answers for keys that lack a scope that `full` has, and that nothing refuses.
fn no_scope(seen: &Seen<'_>) -> Verdict {
    let is_partial = |one: &&Answer| match &one.question.by {
        Credential::Key(name) if name != "full" => seen.expect.keys.get(name).is_some_and(|key| {
            key.granted.is_some() && key.valid.is_none() && key.plan.is_none() && key.mode.is_none()
        }),
        _ => false,
    };
    each(seen.at(Step::Me, Phase::Baseline).filter(is_partial), |answer| {
        (answer.status != 200).then(|| (format!("200 for {}", answer.question.by.description()), answer.summary()))
    })
}

fn without_plan(seen: &Seen<'_>) -> Verdict {
    let answers = seen.refused_at(Step::Me, Rule::Plan);
    observed(answers.map(|answer| format!("a partner without the API gets {} about itself", status_and_code(answer))))
}

/// Returns every text of a JSON value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn vessels(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in seen.fine(Step::Vessels) {
        any = true;
        if answer.status != 200 {
            findings.push(finding(answer, "200 with the vessels", answer.summary()));
            continue;
        }
        let body = answer.json();
        let texts = texts(&body);
        for (id, vessel) in seen.expect.vessels.iter().filter(|(_, vessel)| vessel.fleet) {
            // No page shows the body: the id or the name is enough.
            let mut names = [Some(id), vessel.name.as_ref()].into_iter().flatten();
            if !names.any(|name| texts.contains(&name.as_str())) {
                findings.push(finding(answer, format!("the vessel {id}, by its id or name"), "it is not there"));
            }
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn foreign_vessels(seen: &Seen<'_>) -> Verdict {
    let answered = seen.at(Step::Vessels, Phase::Baseline).filter(|one| one.status == 200);
    let by_both = answered.filter(|one| one.question.by == Credential::full() || is_by_another(seen, one));
    each(by_both, |answer| {
        let is_mine = answer.question.by == Credential::full();
        let hidden = |vessel: &crate::server::Vessel| {
            if is_mine { !vessel.fleet } else { vessel.fleet && vessel.fleet_of.is_none() }
        };
        let body = answer.json();
        let texts = texts(&body);
        let shown = seen.expect.vessels.iter().find(|(id, vessel)| hidden(vessel) && texts.contains(&id.as_str()));
        shown
            .map(|(id, _)| (format!("no vessel of another fleet for {}", answer.question.by.description()), id.clone()))
    })
}

fn vessel_fields(seen: &Seen<'_>) -> Verdict {
    observed(seen.fine(Step::Vessels).filter(|one| one.status == 200).map(|answer| {
        let body = answer.json();
        let lists = body.as_object().into_iter().flatten().filter(|(_, value)| value.is_array());
        let list = lists.map(|(name, value)| (format!("`{name}`"), value)).next();
        let list = list.or_else(|| body.is_array().then(|| ("an array".to_owned(), &body)));
        let (place, items) = list.unwrap_or_else(|| ("no array".to_owned(), &Value::Null));
        format!("vessels are in {place} of {{{}}}, each with {}", field_names(&body), field_names(&items[0]))
    }))
}
