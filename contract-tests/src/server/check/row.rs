//! Checks of the rows of a fleet: their form, their values, and what is withheld.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::access::refused_at;
use super::page::walks;
use super::values::{Form, differences, is_by_another, is_granted, misshapen, status_and_code};
use crate::client::judge::{Finding, Verdict};
use crate::server::expect::STATUS;
use crate::server::probe::WINDOW;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, Wrong, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-ROW-01", shape),
    ("CPS-ROW-02", values),
    ("CPS-ROW-03", background_checks),
    ("CPS-ROW-04", |seen| withheld(seen, is_not_consented)),
    ("CPS-ROW-05", |seen| withheld(seen, is_not_granted)),
    ("CPS-ROW-06", expiring),
    ("CPS-ROW-07", |seen| refused_at(seen, Rule::Granted, Step::Fleet)),
    ("CPS-ROW-08", foreign_people),
    ("CPS-ROW-09", withheld_form),
    ("CPS-ROW-10", without_status_scope),
    ("CPS-ROW-11", order),
    ("CPS-ROW-12", expired),
    ("CPS-ROW-13", verification),
];

/// The two fields that need another scope and another consent.
const STATUSES: [&str; 2] = ["verification_status", "background_check_status"];
const BACKGROUND_CHECKS: [&str; 6] = ["pending", "awaiting", "in-progress", "completed", "declined", "expired"];
const FORMS: &[(&str, Form)] = &[
    ("crew_unique_id", Form::Text),
    ("name", Form::MaybeText),
    ("vessel_id", Form::Text),
    ("vessel_name", Form::MaybeText),
    ("role", Form::MaybeText),
    ("verification_status", Form::MaybeText),
    ("background_check_status", Form::MaybeText),
    ("documents_expiring", Form::Count),
    ("as_of", Form::MaybeInstant),
];

fn shape(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in seen.fine(Step::Fleet) {
        any = true;
        if answer.status != 200 || !answer.json()["items"].is_array() {
            findings.push(finding(answer, "200 with the array `items`", answer.summary()));
            continue;
        }
        for row in answer.items() {
            if row.get("crew_unique_id").is_none() {
                findings.push(finding(answer, "a `crew_unique_id` in each row", "a row without it"));
            }
            findings.extend(misshapen(&row, FORMS).into_iter().map(|wrong| about(answer, &row, wrong)));
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn about(answer: &Answer, row: &Value, (expected, observed): Wrong) -> Finding {
    finding(answer, expected, format!("{}: {observed}", name(row)))
}

fn name(row: &Value) -> &str {
    row["crew_unique_id"].as_str().unwrap_or("a row")
}

/// What is wrong with a row, if anything is; `None` if the row is not judged.
type Judged = Option<Option<Wrong>>;

/// Checks each row of each page.
fn rows(seen: &Seen<'_>, mut wrong: impl FnMut(&Answer, &Value) -> Judged) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in seen.at(Step::Fleet, Phase::Baseline).filter(|one| one.status == 200) {
        for row in answer.items() {
            let Some(found) = wrong(answer, &row) else { continue };
            any = true;
            findings.extend(found.map(|wrong| about(answer, &row, wrong)));
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn values(seen: &Seen<'_>) -> Verdict {
    let Some(expected) = &seen.expect.fleet else { return unexercised() };
    let walks = walks(seen);
    let Some(walk) = walks.iter().find(|walk| walk.is_whole()) else { return unexercised() };
    let Some(answer) = walk.pages.first() else { return unexercised() };
    let found = walk.rows();
    let mut wrong = Vec::new();
    for known in expected {
        let (crew, vessel) =
            (known.text("crew_unique_id").unwrap_or_default(), known.text("vessel_id").unwrap_or_default());
        let same: Vec<_> = found.iter().filter(|row| is_row(row, crew, vessel)).collect();
        match same[..] {
            [row] => wrong.extend(differences(known, row, &format!("{crew} on {vessel}"))),
            _ => wrong.push((format!("one row of {crew} on {vessel}"), format!("{} rows", same.len()))),
        }
    }
    for row in &found {
        let is_known = expected
            .iter()
            .any(|known| row["crew_unique_id"] == known["crew_unique_id"] && row["vessel_id"] == known["vessel_id"]);
        if !is_known {
            wrong
                .push(("only the expected rows".to_owned(), format!("a row of {} on {}", name(row), row["vessel_id"])));
        }
    }
    Verdict::from_findings(wrong.into_iter().map(|(expected, observed)| finding(answer, expected, observed)).collect())
}

fn is_row(row: &Value, crew: &str, vessel: &str) -> bool {
    row["crew_unique_id"] == *crew && row["vessel_id"] == *vessel
}

fn background_checks(seen: &Seen<'_>) -> Verdict {
    rows(seen, |_, row| {
        let value = &row["background_check_status"];
        let is_known = value.is_null() || value.as_str().is_some_and(|value| BACKGROUND_CHECKS.contains(&value));
        let expected = || format!("`background_check_status` is {}, or null", BACKGROUND_CHECKS.join(", "));
        Some((!is_known).then(|| (expected(), value.to_string())))
    })
}

/// Returns true if a row is of a person who is known not to consent to the status, and the key may see statuses.
fn is_not_consented(seen: &Seen<'_>, answer: &Answer, row: &Value) -> bool {
    let person = seen.expect.crew.get(name(row));
    answer.question.by == Credential::full() && person.is_some_and(|person| person.consents(STATUS) == Some(false))
}

/// Returns true if the key is known to lack the scope of the status, and nothing else refuses it.
fn is_not_granted(seen: &Seen<'_>, answer: &Answer, _: &Value) -> bool {
    is_granted(seen, &answer.question.by, STATUS) == Some(false) && seen.due(answer).refused_by.is_empty()
}

/// Checks that statuses are withheld in the rows where they must be.
fn withheld(seen: &Seen<'_>, must_be: fn(&Seen<'_>, &Answer, &Value) -> bool) -> Verdict {
    rows(seen, |answer, row| {
        must_be(seen, answer, row).then(|| {
            let shown = STATUSES.into_iter().find(|field| !row[*field].is_null());
            shown.map(|field| (format!("no `{field}`, or null"), row[field].to_string()))
        })
    })
}

/// Returns the day of a row: that of its `as_of`, or else of the response.
fn today(answer: &Answer, row: &Value) -> Option<Date> {
    let moment = row["as_of"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let moment = moment.or_else(|| Timestamp::from_second(answer.server_time()).ok())?;
    Some(TimeZone::UTC.to_datetime(moment).date())
}

/// Returns the days until each known current document of a person expires; `None` if one is not known.
fn days_left(seen: &Seen<'_>, crew: &str, today: Date) -> Option<Vec<i32>> {
    let documents = seen.expect.crew.get(crew)?.documents.as_ref()?;
    let mut all = Vec::new();
    for document in documents {
        if let Some(day) = document.expiry_date.as_ref()? {
            all.push(today.until(day.parse::<Date>().ok()?).ok()?.get_days());
        }
    }
    Some(all)
}

/// Returns the window that a page was asked for.
fn window(answer: &Answer) -> Option<i32> {
    answer.question.value(WINDOW)?.parse().ok()
}

fn expiring(seen: &Seen<'_>) -> Verdict {
    rows(seen, |answer, row| {
        let window = window(answer)?;
        let left = days_left(seen, name(row), today(answer, row)?)?;
        let count = i32::try_from(row["documents_expiring"].as_i64()?).ok()?;
        let number = |is_counted: &dyn Fn(i32) -> bool| left.iter().filter(|days| is_counted(**days)).count();
        // No page says whether the first and the last day belong to the window, and whether what has expired counts.
        let (least, most) = (number(&|days| days > 0 && days < window), number(&|days| days <= window));
        let is_right = usize::try_from(count).is_ok_and(|count| (least..=most).contains(&count));
        let amount = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let expected = format!("`documents_expiring: {amount}` for a window of {window} days");
        Some((!is_right).then(|| (expected, count.to_string())))
    })
}

fn foreign_people(seen: &Seen<'_>) -> Verdict {
    rows(seen, |answer, row| {
        let is_mine = answer.question.by == Credential::full();
        if !is_mine && !is_by_another(seen, answer) {
            return None;
        }
        let person = seen.expect.crew.get(name(row));
        let is_hidden = person
            .is_some_and(|person| if is_mine { !person.fleet } else { person.fleet && person.fleet_of.is_none() });
        let expected = || format!("nobody of another fleet for {}", answer.question.by.description());
        Some(is_hidden.then(|| (expected(), "is in the fleet".to_owned())))
    })
}

fn withheld_form(seen: &Seen<'_>) -> Verdict {
    let pages = seen.fine(Step::Fleet).filter(|one| one.status == 200);
    observed(pages.flat_map(|answer| {
        let rows = answer.items().into_iter().filter(|row| is_not_consented(seen, answer, row)).collect::<Vec<_>>();
        let fields = rows.into_iter().flat_map(|row| STATUSES.map(|field| row.get(field).cloned()));
        let texts = fields.map(|value| if value.is_none() { "absent" } else { "null" });
        texts.map(|text| format!("a withheld status is {text}")).collect::<Vec<_>>()
    }))
}

fn without_status_scope(seen: &Seen<'_>) -> Verdict {
    let asked = seen
        .at(Step::Fleet, Phase::Baseline)
        .filter(|one| is_granted(seen, &one.question.by, STATUS) == Some(false) && seen.due(one).is_fine());
    observed(
        asked.map(|answer| format!("a key without crew:status:read gets the fleet with {}", status_and_code(answer))),
    )
}

fn order(seen: &Seen<'_>) -> Verdict {
    let walks = walks(seen);
    let whole = walks.iter().filter(|walk| walk.is_whole());
    observed(whole.map(|walk| {
        let rows = walk.rows();
        let of = |field: &str| {
            rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_lowercase()).collect::<Vec<_>>()
        };
        let is_by = |field: &str| of(field).is_sorted();
        let order = match (is_by("name"), is_by("crew_unique_id"), is_by("vessel_id")) {
            (true, ..) => "by name",
            (_, true, _) => "by crew_unique_id",
            (_, _, true) => "by vessel_id",
            _ => "in another order than by name or id",
        };
        format!("the rows are {order}")
    }))
}

fn expired(seen: &Seen<'_>) -> Verdict {
    let pages = seen.fine(Step::Fleet).filter(|one| one.status == 200);
    observed(pages.flat_map(|answer| {
        let texts = answer.items().into_iter().filter_map(|row| {
            let left = days_left(seen, name(&row), today(answer, &row)?)?;
            let window = window(answer)?;
            let past = left.iter().filter(|days| **days < 0).count();
            let within = left.iter().filter(|days| **days > 0 && **days < window).count();
            let is_clear = past > 0 && left.iter().all(|days| *days != 0 && *days != window);
            let count = usize::try_from(row["documents_expiring"].as_u64()?).ok()?;
            let text = if count == within { "are not counted" } else { "are counted" };
            is_clear.then(|| format!("documents that have expired {text}"))
        });
        texts.collect::<Vec<_>>()
    }))
}

fn verification(seen: &Seen<'_>) -> Verdict {
    let pages = seen.fine(Step::Fleet).filter(|one| one.status == 200);
    let rows = pages.flat_map(Answer::items);
    let mut values: Vec<String> =
        rows.filter_map(|row| Some(row["verification_status"].as_str()?.to_owned())).collect();
    values.sort();
    values.dedup();
    let text = (!values.is_empty()).then(|| format!("a person is {}", values.join(" or ")));
    observed(text)
}
