//! Checks of a compliance check: its form, its values, and whether they agree with each other.

use serde_json::Value;

use super::access::refused_at;
use super::profile::{consent, off_fleet};
use super::values::{Form, differences, misshapen, status_and_code};
use crate::client::judge::Verdict;
use crate::server::probe::VESSEL;
use crate::server::probe::variation::{NO_VESSEL, OTHER_VESSEL};
use crate::server::question::{Answer, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-COMP-01", shape),
    ("CPS-COMP-02", requirement_values),
    ("CPS-COMP-03", consequent),
    ("CPS-COMP-04", no_role),
    ("CPS-COMP-05", values),
    ("CPS-COMP-06", |seen| refused_at(seen, Rule::Granted, Step::Compliance)),
    ("CPS-COMP-07", |seen| off_fleet(seen, Step::Compliance)),
    ("CPS-COMP-08", no_doctor),
    ("CPS-COMP-09", counters),
    ("CPS-COMP-10", |seen| consent(seen, Step::Compliance, "a compliance check")),
    ("CPS-COMP-11", without_vessel),
    ("CPS-COMP-12", other_vessel),
];

const OVERALL: [&str; 4] = ["compliant", "at_risk", "non_compliant", "no_role"];
const SOURCES: [&str; 3] = ["explicit", "stcw", "medical"];
const STATUSES: [&str; 5] = ["met", "expiring", "expired", "missing", "pending"];
/// The days within which a document expires soon.
const SOON: i64 = 90;
/// Words for those who examine, in the name of a field.
const EXAMINERS: [&str; 5] = ["doctor", "clinic", "physician", "practitioner", "examiner"];
const FORMS: &[(&str, Form)] = &[
    ("source", Form::MaybeText),
    ("as_of", Form::MaybeInstant),
    ("requirements_total", Form::Count),
    ("requirements_met", Form::Count),
    ("requirements_expiring", Form::Count),
    ("requirements_expired", Form::Count),
    ("requirements_missing", Form::Count),
    ("requirements_pending", Form::Count),
    ("stcw_completion_percentage", Form::MaybeNumber),
    ("next_expiry_date", Form::MaybeDay),
    ("requirements", Form::MaybeObjects),
    ("stcw", Form::MaybeObject),
    ("medical", Form::MaybeObject),
];
const REQUIREMENT: &[(&str, Form)] = &[
    ("requirement_key", Form::Text),
    ("title", Form::MaybeText),
    ("document_id", Form::MaybeText),
    ("expiry_date", Form::MaybeDay),
    ("days_until_expiry", Form::MaybeWhole),
];

/// Returns the checks that were given.
fn given<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    seen.fine(Step::Compliance).filter(|one| one.status == 200)
}

fn requirements(answer: &Answer) -> Vec<Value> {
    answer.json()["requirements"].as_array().cloned().unwrap_or_default()
}

fn shape(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in seen.fine(Step::Compliance) {
        any = true;
        let (body, crew) = (answer.json(), &answer.question.crew);
        let is_known = OVERALL.iter().any(|value| body["overall_status"] == *value);
        if answer.status != 200 || body["crew_unique_id"] != **crew || !is_known {
            let expected =
                format!("200 with `crew_unique_id: {crew}` and an `overall_status` of {}", OVERALL.join(", "));
            findings.push(finding(answer, expected, answer.summary()));
            continue;
        }
        let items = requirements(answer);
        let wrong =
            misshapen(&body, FORMS).into_iter().chain(items.iter().flat_map(|item| misshapen(item, REQUIREMENT)));
        findings.extend(wrong.map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn requirement_values(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in given(seen) {
        for item in requirements(answer) {
            any = true;
            for (field, values) in [("source", &SOURCES[..]), ("status", &STATUSES[..])] {
                if item.get(field).is_some() && !values.iter().any(|value| item[field] == *value) {
                    let expected = format!("`{field}` of a requirement is {}", values.join(", "));
                    findings.push(finding(answer, expected, item[field].to_string()));
                }
            }
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

/// Checks that the overall status follows from the requirements. No page says what a pending one makes of it.
fn consequent(seen: &Seen<'_>) -> Verdict {
    each(given(seen).filter(|answer| !requirements(answer).is_empty()), |answer| {
        let (body, items) = (answer.json(), requirements(answer));
        let has = |status: &str| items.iter().any(|item| item["status"] == status);
        let expires_soon =
            |item: &Value| item["days_until_expiry"].as_i64().is_some_and(|days| (0..SOON).contains(&days));
        let is_broken = has("expired") || has("missing");
        let is_soon = has("expiring") || items.iter().any(|item| item["status"] == "met" && expires_soon(item));
        let overall = body["overall_status"].as_str()?;
        let (is_right, meaning) = match overall {
            "compliant" => (!is_broken && !is_soon, "all is met, and nothing expires within 90 days"),
            "at_risk" => (!is_broken && (is_soon || has("pending")), "all is met, and something expires soon"),
            "non_compliant" => (is_broken || has("pending"), "something is missing, expired or rejected"),
            _ => return None,
        };
        let statuses: Vec<_> = items.iter().filter_map(|item| item["status"].as_str()).collect();
        (!is_right)
            .then(|| (format!("`{overall}` where {meaning}"), format!("requirements that are {}", statuses.join(", "))))
    })
}

fn no_role(seen: &Seen<'_>) -> Verdict {
    let has_none = |answer: &&Answer| {
        let vessel = answer.question.value(VESSEL).unwrap_or_default();
        let rows = seen.expect.fleet.iter().flatten();
        let mut own = rows.filter(|row| {
            row.text("crew_unique_id") == Some(&answer.question.crew) && row.text("vessel_id") == Some(vessel)
        });
        own.next().is_some_and(|row| row.0.get("role").is_some_and(Value::is_null))
    };
    each(given(seen).filter(has_none), |answer| {
        let overall = &answer.json()["overall_status"];
        let expected = format!("`no_role` for {}, who has no role there", answer.question.crew);
        (*overall != "no_role").then(|| (expected, overall.to_string()))
    })
}

fn values(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in given(seen) {
        let (crew, vessel) = (&answer.question.crew, answer.question.value(VESSEL).unwrap_or_default());
        let known = seen.expect.crew.get(crew).and_then(|person| person.compliance.get(vessel));
        let Some(known) = known.filter(|known| !known.0.is_empty()) else { continue };
        any = true;
        let wrong = differences(known, &answer.json(), &format!("{crew} on {vessel}")).into_iter();
        findings.extend(wrong.map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn no_doctor(seen: &Seen<'_>) -> Verdict {
    each(given(seen).filter(|answer| answer.json()["medical"].is_object()), |answer| {
        let body = answer.json();
        let fields = body["medical"].as_object()?;
        let named = fields.keys().find(|field| EXAMINERS.iter().any(|word| field.to_lowercase().contains(word)))?;
        Some(("a medical part without doctor and clinic".to_owned(), format!("the field `{named}`")))
    })
}

fn counters(seen: &Seen<'_>) -> Verdict {
    observed(given(seen).map(|answer| {
        let body = answer.json();
        let count = |status: &str| body[format!("requirements_{status}").as_str()].as_u64().unwrap_or_default();
        let sum: u64 = STATUSES.into_iter().map(count).sum();
        let text = if sum == count("total") { "add up to the total" } else { "do not add up to the total" };
        format!("the counters {text}")
    }))
}

fn without_vessel(seen: &Seen<'_>) -> Verdict {
    let is_on_several =
        |one: &&Answer| seen.expect.crew.get(&one.question.crew).is_some_and(|person| person.compliance.len() > 1);
    observed(seen.variations(Step::Compliance, NO_VESSEL).filter(is_on_several).map(|answer| {
        let body = answer.json();
        let vessels = seen.expect.crew.get(&answer.question.crew).into_iter().flat_map(|person| &person.compliance);
        let same = vessels.filter(|(_, known)| !known.0.is_empty() && differences(known, &body, "").is_empty());
        let same: Vec<_> = same.map(|(vessel, _)| vessel.as_str()).collect();
        let like = if answer.status == 200 && same.len() == 1 { format!(", as on {}", same[0]) } else { String::new() };
        format!(
            "a check of a person on several vessels without vessel_id is answered with {}{like}",
            status_and_code(answer)
        )
    }))
}

fn other_vessel(seen: &Seen<'_>) -> Verdict {
    let answers = seen.variations(Step::Compliance, OTHER_VESSEL);
    observed(answers.map(|answer| format!("{} is answered with {}", answer.question.detail, status_and_code(answer))))
}
