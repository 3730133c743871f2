//! Checks of a lookup by e-mail address. No finding repeats an address.

use serde_json::Value;

use super::access::refused_at;
use super::profile::{consent, off_fleet};
use super::values::{field_names, status_and_code};
use crate::client::judge::Verdict;
use crate::server::probe::variation::{BLANKS, OTHER_CASE};
use crate::server::question::{Answer, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, each, observed};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-LOOKUP-01", resolves),
    ("CPS-LOOKUP-02", |seen| off_fleet(seen, Step::Lookup)),
    ("CPS-LOOKUP-03", |seen| refused_at(seen, Rule::Granted, Step::Lookup)),
    ("CPS-LOOKUP-04", field),
    ("CPS-LOOKUP-05", answer_fields),
    ("CPS-LOOKUP-06", |seen| consent(seen, Step::Lookup, "a lookup")),
    ("CPS-LOOKUP-07", other_forms),
];

fn resolves(seen: &Seen<'_>) -> Verdict {
    each(seen.fine(Step::Lookup), |answer| {
        let (body, crew) = (answer.json(), &answer.question.crew);
        if answer.status != 200 {
            return Some((format!("200 with `crew_unique_id: {crew}` for the address of {crew}"), answer.summary()));
        }
        let is_right = body["crew_unique_id"] == **crew;
        (!is_right).then(|| (format!("`crew_unique_id: {crew}`"), body["crew_unique_id"].to_string()))
    })
}

/// Returns the field that a lookup was sent with.
fn sent_field(answer: &Answer) -> Option<String> {
    let body = answer.question.input.body.as_ref()?;
    let Ok(Value::Object(fields)) = serde_json::from_str(&body.text) else { return None };
    fields.keys().next().cloned()
}

fn field(seen: &Seen<'_>) -> Verdict {
    let found = seen.fine(Step::Lookup).filter(|one| one.status == 200);
    observed(found.filter_map(|answer| Some(format!("a lookup takes the address in `{}`", sent_field(answer)?))))
}

fn answer_fields(seen: &Seen<'_>) -> Verdict {
    let found = seen.fine(Step::Lookup).filter(|one| one.status == 200);
    observed(found.map(|answer| format!("a lookup is answered with {}", field_names(&answer.json()))))
}

fn other_forms(seen: &Seen<'_>) -> Verdict {
    let answers = [OTHER_CASE, BLANKS].into_iter().flat_map(|detail| seen.variations(Step::Lookup, detail));
    observed(answers.map(|answer| format!("{} is answered with {}", answer.question.detail, status_and_code(answer))))
}
