//! Checks of the answers to bodies that break their schema.

use serde_json::Value;

use super::values::status_and_code;
use crate::client::judge::Verdict;
use crate::server::probe::variation::{ARRAY, EMPTY_OBJECT, LARGE_BODY, NO_BODY, NOT_JSON, TEXT_BODY, UNKNOWN_FIELD};
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::seen::{Check, Seen, each, observed};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-BODY-01", refused),
    ("CPS-BODY-02", form),
    ("CPS-BODY-03", no_body),
    ("CPS-BODY-04", other_type),
    ("CPS-BODY-05", unknown_field),
    ("CPS-BODY-06", position),
    ("CPS-BODY-07", too_large),
    ("CPS-BODY-08", more_of_a_mistake),
];

fn posts<'a>(seen: &'a Seen<'_>, detail: &'a str) -> impl Iterator<Item = &'a Answer> {
    [Step::Lookup, Step::Compliance].into_iter().flat_map(move |step| seen.variations(step, detail))
}

fn by_full<'a>(seen: &'a Seen<'_>, detail: &'a str) -> impl Iterator<Item = &'a Answer> {
    posts(seen, detail).filter(|one| one.question.by == Credential::full())
}

fn refused(seen: &Seen<'_>) -> Verdict {
    let broken = [ARRAY, NOT_JSON, EMPTY_OBJECT].into_iter().flat_map(|detail| by_full(seen, detail));
    each(broken, |answer| {
        (answer.status != 422).then(|| (format!("422 for {}", answer.question.detail), answer.summary()))
    })
}

fn form(seen: &Seen<'_>) -> Verdict {
    let mistakes = seen.answers.iter().filter(|one| {
        one.status == 422
            && matches!(one.question.step, Step::Lookup | Step::Compliance)
            && one.question.phase == Phase::Variation
    });
    each(mistakes, |answer| {
        let body = answer.json();
        let is_right = body["detail"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_mistake));
        (!is_right).then(|| ("`{\"detail\": [{\"loc\", \"msg\", \"type\"}]}`".to_owned(), answer.summary()))
    })
}

fn is_mistake(mistake: &Value) -> bool {
    let is_step = |step: &Value| step.is_string() || step.is_u64();
    let loc = mistake["loc"].as_array();
    loc.is_some_and(|loc| loc.iter().all(is_step)) && mistake["msg"].is_string() && mistake["type"].is_string()
}

/// Returns the name of the operation, for observations.
const fn what(answer: &Answer) -> &'static str {
    match answer.question.step {
        Step::Lookup => "a lookup",
        _ => "a compliance check",
    }
}

fn answered<'a>(answers: impl Iterator<Item = &'a Answer>) -> Verdict {
    observed(answers.map(|answer| {
        format!("{} with {} is answered with {}", what(answer), answer.question.detail, status_and_code(answer))
    }))
}

fn no_body(seen: &Seen<'_>) -> Verdict {
    answered(by_full(seen, NO_BODY))
}

fn other_type(seen: &Seen<'_>) -> Verdict {
    answered(by_full(seen, TEXT_BODY))
}

fn unknown_field(seen: &Seen<'_>) -> Verdict {
    answered(by_full(seen, UNKNOWN_FIELD))
}

fn too_large(seen: &Seen<'_>) -> Verdict {
    answered(by_full(seen, LARGE_BODY))
}

fn position(seen: &Seen<'_>) -> Verdict {
    let refused = posts(seen, EMPTY_OBJECT).filter(|one| one.question.by != Credential::full());
    let refused = refused.filter(|one| !seen.due(one).refused_by.is_empty());
    observed(refused.map(|answer| {
        let by = answer.question.by.description();
        format!(
            "{} with {} and {by} is answered with {}",
            what(answer),
            answer.question.detail,
            status_and_code(answer)
        )
    }))
}

fn more_of_a_mistake(seen: &Seen<'_>) -> Verdict {
    let mistakes =
        [ARRAY, EMPTY_OBJECT].into_iter().flat_map(|detail| by_full(seen, detail)).filter(|one| one.status == 422);
    observed(mistakes.filter_map(|answer| {
        let body = answer.json();
        let fields = body["detail"][0].as_object()?;
        let more: Vec<_> =
            fields.keys().filter(|name| !["loc", "msg", "type"].contains(&name.as_str())).cloned().collect();
        Some(if more.is_empty() {
            "a mistake of a 422 has only loc, msg and type".to_owned()
        } else {
            format!("a mistake of a 422 also has {}", more.join(", "))
        })
    }))
}
