//! Checks of the list: its form, its values, and forbidden content.

use jiff::civil::Date;
use serde_json::Value;

use crate::client::judge::Verdict;
use crate::server::question::{Answer, Step};
use crate::server::seen::{Check, Seen, Wrong, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-LIST-01", shape),
    ("CPS-LIST-02", fields),
    ("CPS-LIST-03", values),
    ("CPS-LIST-04", issuers),
    ("CPS-LIST-05", statuses),
    ("CPS-LIST-06", dates),
    ("CPS-LIST-07", superseded),
    ("CPS-LIST-08", more_fields),
];

const FIELDS: [&str; 9] = [
    "document_id",
    "type",
    "category",
    "title",
    "issuer",
    "verification_status",
    "issue_date",
    "expiry_date",
    "document_number",
];
const STATUSES: [&str; 4] = ["verified", "pending", "rejected", "expired"];
/// Names of verification vendors that are always searched for.
const VENDORS: [&str; 4] = ["Onfido", "Jumio", "Veriff", "Sumsub"];

fn shape(seen: &Seen<'_>) -> Verdict {
    each(seen.fine(Step::List), |answer| {
        let body = answer.json();
        let right = answer.status == 200 && body["crew_unique_id"] == *answer.question.crew && body["items"].is_array();
        let expected = format!("200 with `crew_unique_id: {}` and the array `items`", answer.question.crew);
        (!right).then(|| (expected, answer.summary()))
    })
}

/// Checks each item of each list.
fn items(seen: &Seen<'_>, mut wrong: impl FnMut(&Answer, &Value) -> Vec<Wrong>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for (answer, items) in seen.items() {
        for item in items {
            any = true;
            let found = wrong(answer, &item);
            findings.extend(
                found
                    .into_iter()
                    .map(|(expected, observed)| finding(answer, expected, format!("{}: {observed}", name(&item)))),
            );
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn name(item: &Value) -> &str {
    item["document_id"].as_str().unwrap_or("an item")
}

fn fields(seen: &Seen<'_>) -> Verdict {
    items(seen, |_, item| {
        let missing = FIELDS.iter().filter(|field| item.get(**field).is_none());
        let mut wrong: Vec<_> = missing.map(|field| ("all nine fields".to_owned(), format!("no `{field}`"))).collect();
        let never_null = ["document_id", "type", "title", "verification_status"];
        for field in FIELDS {
            let value = &item[field];
            let null = value.is_null() && !never_null.contains(&field);
            if !(value.is_string() || null || item.get(field).is_none()) {
                wrong.push((format!("`{field}` is a string"), value.to_string()));
            }
        }
        wrong
    })
}

fn values(seen: &Seen<'_>) -> Verdict {
    let known =
        |answer: &&Answer| seen.expect.crew.get(&answer.question.crew).is_some_and(|person| person.documents.is_some());
    let (mut any, mut findings) = (false, Vec::new());
    for answer in seen.fine(Step::List).filter(known) {
        any = true;
        findings.extend(differences(seen, answer).into_iter().map(|(want, got)| finding(answer, want, got)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn differences(seen: &Seen<'_>, answer: &Answer) -> Vec<Wrong> {
    let (crew, items) = (&answer.question.crew, answer.items());
    let person = seen.expect.crew.get(crew);
    let mut wrong = Vec::new();
    for document in seen.expect.documents_of(crew) {
        let id = &document.document_id;
        let found: Vec<_> = items.iter().filter(|item| item["document_id"] == **id).collect();
        let [item] = found[..] else {
            wrong.push((format!("{id} once in the list of {crew}"), format!("{} times", found.len())));
            continue;
        };
        for (field, value) in document.listed() {
            let value = value.as_ref().map_or(Value::Null, |text| Value::from(text.as_str()));
            if item[field] != value {
                wrong.push((format!("`{field}: {value}` of {id}"), item[field].to_string()));
            }
        }
    }
    for item in &items {
        let id = name(item);
        let old = person.is_some_and(|person| person.superseded.iter().any(|one| one == id));
        if seen.expect.document(crew, id).is_none() && !old {
            wrong.push((format!("only the expected documents of {crew}"), format!("{id} is also listed")));
        }
    }
    wrong
}

fn issuers(seen: &Seen<'_>) -> Verdict {
    let extra = seen.expect.vendors.iter().map(String::as_str);
    let vendors: Vec<_> = extra.chain(VENDORS).map(str::to_lowercase).collect();
    items(seen, |_, item| {
        let issuer = &item["issuer"];
        let named = issuer.as_str().map(str::to_lowercase);
        let vendor = named.is_some_and(|named| vendors.iter().any(|vendor| named.contains(vendor)));
        let wrong = vendor || !(issuer.is_string() || issuer.is_null());
        let wrong =
            wrong.then(|| ("an `issuer` that is not a verification vendor, or null".to_owned(), issuer.to_string()));
        wrong.into_iter().collect()
    })
}

fn statuses(seen: &Seen<'_>) -> Verdict {
    items(seen, |_, item| {
        let status = &item["verification_status"];
        let known = status.as_str().is_some_and(|status| STATUSES.contains(&status));
        let wrong =
            (!known).then(|| (format!("`verification_status` is one of {}", STATUSES.join(", ")), status.to_string()));
        wrong.into_iter().collect()
    })
}

fn dates(seen: &Seen<'_>) -> Verdict {
    items(seen, |_, item| {
        let day = |text: &str| text.len() == 10 && text.parse::<Date>().is_ok();
        let wrong = |field: &str| item[field].as_str().is_some_and(|text| !day(text));
        let fields = ["issue_date", "expiry_date"].into_iter().filter(|field| wrong(field));
        fields.map(|field| (format!("`{field}` as YYYY-MM-DD"), item[field].to_string())).collect()
    })
}

fn superseded(seen: &Seen<'_>) -> Verdict {
    let old = |answer: &Answer| {
        seen.expect.crew.get(&answer.question.crew).map(|person| person.superseded.clone()).unwrap_or_default()
    };
    let lists = seen.fine(Step::List).filter(|answer| !old(answer).is_empty());
    each(lists.filter(|answer| answer.json()["items"].is_array()), |answer| {
        let old = old(answer);
        let items = answer.items();
        let shown = items.iter().find(|item| old.iter().any(|id| item["document_id"] == **id))?;
        Some(("no superseded version in the list".to_owned(), format!("{} is listed", name(shown))))
    })
}

fn more_fields(seen: &Seen<'_>) -> Verdict {
    observed(seen.items().flat_map(|(_, items)| items).filter_map(|item| {
        let more: Vec<_> =
            item.as_object()?.keys().filter(|field| !FIELDS.contains(&field.as_str())).cloned().collect();
        Some(if more.is_empty() {
            "items have only the nine documented fields".to_owned()
        } else {
            format!("items also have {}", more.join(", "))
        })
    }))
}
